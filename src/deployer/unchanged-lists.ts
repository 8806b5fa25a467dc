// The objects of all stacks by kind, listed again only when something of a kind may have changed: a watch tells of it. Else
// each minute would list every kind that a stack has, though hardly ever anything has changed. What is given is always a whole
// list of the server; the watch only says whether it still holds. docs/adr/0101-an-idle-k0s.md.

import type { KubeClient } from "../kube/client.ts";
import { defaultInformerTiming } from "../kube/informer-timing.ts";
import type { ApiResource, GroupVersionKind } from "../kube/types.ts";
import type { Budget } from "../std/budget.ts";
import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { watchdog } from "../std/watchdog.ts";
import type { ObservedObject } from "./observed-object.ts";
import { listAtVersion, versionKey } from "./observe-stacks.ts";
import type { ListKind } from "./observe-stacks.ts";
import { stackLabel } from "./stack-labels.ts";

export interface UnchangedLists {
  /** As the last list, unless something may have changed since. */
  readonly list: ListKind;
  /** Asks the server in any case. */
  readonly fresh: ListKind;
  /** Only these kinds go on being watched. */
  retain(kinds: readonly GroupVersionKind[]): void;
  watches(kind: GroupVersionKind): boolean;
}

export interface UnchangedListsTiming {
  readonly watchSeconds: number;
  /** As of an informer: not even a bookmark came. */
  readonly silenceMs: number;
  /** A watch that ended sooner is not opened again for `pauseMs`. */
  readonly shortMs: number;
  readonly pauseMs: number;
}

export interface UnchangedListsOptions {
  readonly client: Pick<KubeClient, "list" | "watch">;
  readonly budget: Budget;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Whether this process has written since, by `performance.now()`: the watch may be late with that. */
  readonly wroteSince: (at: number) => boolean;
  readonly timing?: UnchangedListsTiming;
}

interface Kept {
  objects: readonly ObservedObject[] | undefined;
  /** When the list began. */
  at: number;
  /** Since the list began. */
  changed: boolean;
  watch: { readonly end: AbortController; open: boolean } | undefined;
  /** Not watched before. */
  pausedUntil: number;
}

const defaultTiming: UnchangedListsTiming = {
  watchSeconds: 1_200,
  silenceMs: defaultInformerTiming.silenceMs,
  shortMs: 60_000,
  pauseMs: 600_000,
};
/** Each has a connection. Of a cluster that has stacks of more kinds, the others are listed each time. */
const mostWatches = 40;

export function createUnchangedLists(options: UnchangedListsOptions): UnchangedLists {
  const { client, budget, signal, log, wroteSince, timing = defaultTiming } = options;
  const known = new Map<string, Kept>();

  const follow = async (kind: GroupVersionKind | ApiResource, kept: Kept, from: string): Promise<void> => {
    const watch = { end: new AbortController(), open: false };
    kept.watch = watch;
    const openedAt = performance.now();
    const silence = watchdog(timing.silenceMs, () => watch.end.abort(new Error("the watch brought nothing")));
    try {
      const events = client.watch(kind, {
        labelSelector: stackLabel,
        metadataOnly: true,
        resourceVersion: from,
        timeoutSeconds: Math.ceil(timing.watchSeconds * (0.75 + Math.random() / 2)),
        signal: AbortSignal.any([signal, watch.end.signal]),
        onOpen: () => (watch.open = true),
      });
      for await (const { type } of events) {
        silence.feed();
        if (type !== "BOOKMARK") kept.changed = true;
      }
    } catch (err) {
      // Then it is listed, as it would be without a watch.
      if (!signal.aborted)
        log.debug("A watch of stacks has ended", { kind: kind.kind, err: errorMessage(err) });
    } finally {
      silence.stop();
      kept.watch = undefined;
      if (performance.now() - openedAt < timing.shortMs)
        kept.pausedUntil = performance.now() + timing.pauseMs;
    }
  };

  const fresh: ListKind = (kind) =>
    budget.run(async () => {
      const kept = known.get(versionKey(kind)) ?? neverListed();
      known.set(versionKey(kind), kept);
      kept.objects = undefined;
      // Before the list begins: what it does not show is told after that.
      kept.changed = false;
      kept.at = performance.now();
      const { resourceVersion, objects } = await listAtVersion({ client, signal }, kind);
      kept.objects = objects;
      const watched = known.values().filter(({ watch }) => watch !== undefined);
      if (
        kept.watch === undefined &&
        kept.pausedUntil <= performance.now() &&
        [...watched].length < mostWatches
      )
        void follow(kind, kept, resourceVersion);
      return objects;
    });

  return {
    fresh,
    async list(kind) {
      const kept = known.get(versionKey(kind));
      const holds = kept?.watch?.open === true && !kept.changed && !wroteSince(kept.at);
      return (holds ? kept.objects : undefined) ?? (await fresh(kind));
    },
    retain(kinds) {
      const wanted = new Set(kinds.map(versionKey));
      for (const [key, kept] of known) {
        if (wanted.has(key)) continue;
        known.delete(key);
        kept.watch?.end.abort(new Error("no stack has objects of this kind any more"));
      }
    },
    watches: (kind) => known.get(versionKey(kind))?.watch?.open === true,
  };
}

function neverListed(): Kept {
  return { objects: undefined, at: 0, changed: true, watch: undefined, pausedUntil: 0 };
}
