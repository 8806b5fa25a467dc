// A component that is one task, done while this controller leads, and begun again when it fails.

import type { KubeClient } from "../kube/client.ts";
import { whileLeading } from "../kube/leading-client.ts";
import type { LeaderElector } from "../kube/lease.ts";
import type { Logger } from "../std/log.ts";
import { createLoop } from "../std/loop.ts";
import type { Component } from "./component.ts";

export interface LeaderTaskOptions {
  readonly name: string;
  readonly dependsOn: readonly string[];
  /** Asked at the start: before that there may be no credentials. */
  readonly client: () => Promise<KubeClient>;
  readonly leader: LeaderElector;
  readonly log: Logger;
  /** Works until the signal aborts; an earlier end is a failure. The client writes only while this controller leads. */
  readonly run: (client: KubeClient, signal: AbortSignal, log: Logger, watch: WatchHealth) => Promise<void>;
}

interface Healthy {
  health(): void;
}

/** Takes a part of the task, an informer or a loop, whose health is that of the component from now on. */
export type WatchHealth = (part: Healthy) => void;

const backoff = { firstMs: 400, longestMs: 30_000, stableMs: 60_000 };

export function leaderTask(options: LeaderTaskOptions): Component {
  const log = options.log.with({ component: options.name });
  const running = new Set<Promise<void>>();
  let term: { readonly end: AbortController; readonly health: () => void } | undefined;
  let stopped = false;
  let stopListening = (): void => undefined;

  const begin = (client: KubeClient): void => {
    const end = new AbortController();
    let parts: Healthy[] = [];
    const round = async (signal: AbortSignal): Promise<void> => {
      parts = [];
      await options.run(client, signal, log, (part) => void parts.push(part));
      if (!signal.aborted) throw new Error("the task ended by itself");
    };
    const loop = createLoop({ name: options.name, log, backoff, round, lasting: true });
    term = { end, health: () => [loop, ...parts].forEach((part) => part.health()) };
    const task = loop.run(end.signal);
    running.add(task);
    void task.finally(() => running.delete(task));
  };

  return {
    name: options.name,
    dependsOn: options.dependsOn,
    async start() {
      const client = whileLeading(await options.client(), options.leader);
      stopListening = options.leader.onChange((leading) => {
        term?.end.abort();
        term = undefined;
        if (leading && !stopped) begin(client);
      });
    },
    health: async () => term?.health(),
    async stop() {
      stopped = true;
      stopListening();
      term?.end.abort();
      await Promise.all(running);
    },
  };
}
