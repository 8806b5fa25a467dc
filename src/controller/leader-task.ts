// A component that is one task, done while this controller leads, and begun again when it fails.

import type { KubeClient } from "../kube/client.ts";
import type { LeaderElector } from "../kube/lease.ts";
import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { sleep } from "../std/wait.ts";
import type { Component } from "../supervisor/component.ts";

export interface LeaderTaskOptions {
  readonly name: string;
  readonly dependsOn: readonly string[];
  /** Asked at the start: before that there may be no credentials. */
  readonly client: () => Promise<KubeClient>;
  readonly leader: LeaderElector;
  readonly log: Logger;
  /** Works until the signal aborts. */
  readonly run: (client: KubeClient, signal: AbortSignal, log: Logger) => Promise<void>;
}

const backOffMs = { first: 200, longest: 30_000 };

export function leaderTask(options: LeaderTaskOptions): Component {
  const log = options.log.with({ component: options.name });
  const running = new Set<Promise<void>>();
  let term: AbortController | undefined;
  let stopped = false;
  let stopListening = (): void => undefined;

  const work = async (client: KubeClient, signal: AbortSignal): Promise<void> => {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await options.run(client, signal, log);
        return;
      } catch (err) {
        if (signal.aborted) return;
        const delayMs = Math.min(backOffMs.first * 2 ** failures, backOffMs.longest);
        log.warn("A task failed and begins again", { err: errorMessage(err), delayMs });
        await sleep(delayMs, signal).catch(() => undefined);
      }
    }
  };

  return {
    name: options.name,
    dependsOn: options.dependsOn,
    async start() {
      const client = await options.client();
      stopListening = options.leader.onChange((leading) => {
        term?.abort();
        term = undefined;
        if (!leading || stopped) return;
        term = new AbortController();
        const task = work(client, term.signal);
        running.add(task);
        void task.finally(() => running.delete(task));
      });
    },
    async stop() {
      stopped = true;
      stopListening();
      term?.abort();
      await Promise.all(running);
    },
  };
}
