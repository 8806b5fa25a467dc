// Work that is done while this controller leads, and begun again with each of its terms.

import type { KubeClient } from "../kube/client.ts";
import { whileLeading } from "../kube/leading-client.ts";
import type { LeaderElector } from "../kube/lease.ts";
import type { Logger } from "../std/log.ts";
import { createLoop } from "../std/loop.ts";
import { untilAborted } from "../std/wait.ts";
import type { Component, Dependency } from "./component.ts";
import { task, type TaskPart } from "./task.ts";

export interface LeaderTaskOptions {
  readonly name: string;
  readonly dependsOn: readonly Dependency[];
  /** Asked at the start: before that there may be no credentials. */
  readonly client: () => Promise<KubeClient>;
  readonly leader: LeaderElector;
  readonly log: Logger;
  /** What goes on beside it whether this controller leads or not: the election of a leader of its own, a server. */
  readonly beside?: () => Promise<readonly TaskPart[]>;
  /** Works until the signal aborts; an earlier end is a failure. The client writes only while this controller leads. */
  readonly run: (client: KubeClient, signal: AbortSignal, log: Logger, watch: WatchHealth) => Promise<void>;
}

type Healthy = Pick<TaskPart, "health">;

/** Takes a part of the task, an informer or a loop, whose health is that of the component from now on. */
export type WatchHealth = (part: Healthy) => void;

const backoff = { firstMs: 400, longestMs: 30_000, stableMs: 60_000 };

/** A component that is one such task; it is begun again when it fails. */
export function leaderTask(options: LeaderTaskOptions): Component {
  const { name, dependsOn, leader } = options;
  const log = options.log.with({ component: name });
  return task({
    name,
    dependsOn,
    parts: async () => {
      const client = whileLeading(await options.client(), leader);
      const beside = (await options.beside?.()) ?? [];
      return [...beside, perTerm(leader, () => oneTerm(options, client, log))];
    },
  });
}

function oneTerm({ name, run }: LeaderTaskOptions, client: KubeClient, log: Logger): TaskPart {
  let parts: Healthy[] = [];
  const round = async (signal: AbortSignal): Promise<void> => {
    parts = [];
    await run(client, signal, log, (part) => void parts.push(part));
    if (!signal.aborted) throw new Error("the task ended by itself");
  };
  const loop = createLoop({ name, log, backoff, round, lasting: true });
  return { ...loop, health: () => [loop, ...parts].forEach((part) => part.health()) };
}

/** Runs what `begin` makes of each term; well while this controller does not lead. */
export function perTerm(
  leader: Pick<LeaderElector, "onChange">,
  begin: (term: AbortSignal) => TaskPart,
): TaskPart {
  const running = new Set<Promise<unknown>>();
  let term: { readonly end: AbortController; readonly part: TaskPart } | undefined;
  const over = (): void => {
    term?.end.abort();
    term = undefined;
  };
  return {
    async run(signal) {
      const stopListening = leader.onChange((leading) => {
        over();
        if (!leading || signal.aborted) return;
        const end = new AbortController();
        term = { end, part: begin(end.signal) };
        const work = term.part.run(end.signal);
        running.add(work);
        void work.finally(() => running.delete(work));
      });
      await untilAborted(signal);
      stopListening();
      over();
      await Promise.all(running);
    },
    health: () => term?.part.health(),
  };
}
