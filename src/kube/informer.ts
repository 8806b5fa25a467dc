// Follows every object of a kind: list, watch, continue after each end, list again when the server forgot our place,
// and list again from time to time anyway, because a watch that silently loses events is worse than a second list.
// List and watch share one back-off: docs/adr/0051.

import { type ConnectionFailure, connectionFailure } from "../std/connection-failure.ts";
import { errorMessage } from "../std/errors.ts";
import { type Logger, unfailing } from "../std/log.ts";
import { createLoop } from "../std/loop.ts";
import { watchdog } from "../std/watchdog.ts";
import type { KubeClient, SelectOptions } from "./client.ts";
import { isExpired } from "./errors.ts";
import { defaultInformerTiming } from "./informer-timing.ts";
import type { InformerTiming } from "./informer-timing.ts";
import type { GroupVersionKind, KubeObject, KubeResource, WatchEvent } from "./types.ts";

export interface InformerOptions<T extends KubeResource> extends SelectOptions {
  readonly client: Pick<KubeClient, "list" | "watch">;
  readonly kind: GroupVersionKind;
  readonly log: Logger;
  /** Follow only `apiVersion`, `kind` and `metadata`: for those who count or look at labels. */
  readonly metadataOnly?: boolean;
  /** What of an object is held; default all of it. It must keep name, namespace and resourceVersion. */
  readonly keep?: (object: T) => T;
  /** Called after the first list and after each change, with what changed; calls do not overlap. Throwing is logged, never fatal. */
  readonly onChange?: (change: InformerChange<T>) => void;
  readonly timing?: InformerTiming;
  /** Milliseconds of a clock that does not jump. */
  readonly now?: () => number;
}

export interface InformerChange<T extends KubeResource> {
  readonly reason: "listed" | "added" | "modified" | "deleted";
  /** The object, or undefined for `listed`. */
  readonly object?: T;
}

export interface Informer<T extends KubeResource> {
  /** Follows until the signal aborts. Failures are logged and repeated; it never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves once the first list is there. */
  synced(signal: AbortSignal): Promise<void>;
  /** Throws when it has not followed for a minute: made for a component's `health`. */
  health(): void;
  items(): readonly T[];
  get(name: string, namespace?: string): T | undefined;
}

export function createInformer<T extends KubeResource = KubeObject>(
  options: InformerOptions<T>,
): Informer<T> {
  const { client, kind, timing = defaultInformerTiming, keep = (object) => object } = options;
  const now = options.now ?? (() => performance.now());
  const log = unfailing(options.log).with({ kind: kind.kind });
  const store = new Map<string, T>();
  const firstList = Promise.withResolvers<void>();
  let listed = false;
  const selection = selectionOf(options);
  /** Where the next watch continues; without it a list is due. */
  let place: { readonly version: string; readonly listedAt: number } | undefined;

  const notify = (change: InformerChange<T>): void => {
    try {
      options.onChange?.(change);
    } catch (err) {
      log.error("A handler of changed objects failed", { err: errorMessage(err) });
    }
  };

  const relist = async (signal: AbortSignal): Promise<NonNullable<typeof place>> => {
    const list = await client.list<T>(kind, { ...selection, keep, retries: 0, signal });
    const changed = replaceAll(store, list.items);
    listed = true;
    firstList.resolve();
    if (changed) notify({ reason: "listed" });
    return { version: list.resourceVersion, listedAt: now() };
  };

  const take = (event: WatchEvent<T>): string | undefined => {
    if (event.type === "BOOKMARK") return event.resourceVersion;
    const object = keep(event.object);
    applyEvent(store, event.type, object);
    notify({ reason: reasonOf[event.type], object });
    return event.object.metadata.resourceVersion;
  };

  /** Watches until the server ends the watch; `place` moves with each event, since a broken connection loses nothing. */
  const watch = async (
    from: NonNullable<typeof place>,
    signal: AbortSignal,
    onOpen: () => void,
  ): Promise<void> => {
    const silent = new AbortController();
    const silence = watchdog(timing.silenceMs, () =>
      silent.abort(new Error("the watch brought nothing for too long")),
    );
    try {
      const events = client.watch<T>(kind, {
        ...selection,
        resourceVersion: from.version,
        timeoutSeconds: Math.ceil(randomBetween(timing.watchSeconds)),
        signal: AbortSignal.any([signal, silent.signal]),
        onOpen,
      });
      for await (const event of events) {
        silence.feed();
        place = { ...from, version: take(event) ?? place?.version ?? from.version };
      }
    } finally {
      silence.stop();
    }
  };

  /** A list if one is due, and one watch. */
  const round = async (signal: AbortSignal, well: () => void): Promise<number> => {
    if (place === undefined || now() - place.listedAt >= timing.relistMs) place = await relist(signal);
    const startedAt = now();
    let openedAt: number | undefined;
    let settled: ReturnType<typeof setTimeout> | undefined;
    // Not only at its end: a watch lives for minutes, and until then the failure before it would count.
    const onOpen = (): void => {
      openedAt = now();
      settled = setTimeout(well, timing.stableMs);
    };
    try {
      await watch(place, signal, onOpen);
    } catch (err) {
      // The server has forgotten our place.
      if (isExpired(err)) place = undefined;
      if (openedAt !== undefined && now() - openedAt >= timing.stableMs) well();
      throw err;
    } finally {
      clearTimeout(settled);
    }
    if (now() - startedAt < timing.stableMs) throw new Error("the server ended the watch at once");
    return 0;
  };

  const loop = createLoop({
    name: `watch of ${kind.kind}`,
    log,
    backoff: timing.backoff,
    // A server that starts again takes a quarter of a minute, and the one that starts it says so.
    quietFailures: 6,
    isQuiet: (err) => !listed && isNotUpYet(err),
    now,
    round,
  });

  return {
    run: (signal) => loop.run(signal),
    health: () => loop.health(),
    async synced(signal) {
      const aborted = Promise.withResolvers<never>();
      const onAbort = () => aborted.reject(signal.reason as Error);
      signal.throwIfAborted();
      signal.addEventListener("abort", onAbort, { once: true });
      try {
        await Promise.race([firstList.promise, aborted.promise]);
      } finally {
        signal.removeEventListener("abort", onAbort);
      }
    },
    items: () => [...store.values()],
    get: (name, namespace) => store.get(keyOf(name, namespace)),
  };
}

const beforeItIsUp: ReadonlySet<ConnectionFailure | undefined> = new Set<ConnectionFailure>([
  "refused",
  "closed",
  "silent",
]);

/** Of a server that has never answered: it is being started, and that is told by those who wait for it. */
function isNotUpYet(err: unknown): boolean {
  return beforeItIsUp.has(connectionFailure(err));
}

const reasonOf = { ADDED: "added", MODIFIED: "modified", DELETED: "deleted" } as const;

function keyOf(name: string | undefined, namespace: string | undefined): string {
  return `${namespace ?? ""}/${name ?? ""}`;
}

function applyEvent<T extends KubeResource>(
  store: Map<string, T>,
  type: keyof typeof reasonOf,
  object: T,
): void {
  const key = keyOf(object.metadata.name, object.metadata.namespace);
  if (type === "DELETED") store.delete(key);
  if (type !== "DELETED") store.set(key, object);
}

/** Replaces what is held by a fresh list; says whether anything differs. */
function replaceAll<T extends KubeResource>(store: Map<string, T>, items: readonly T[]): boolean {
  const before = new Map(store);
  store.clear();
  let changed = before.size !== items.length || items.length === 0;
  for (const item of items) {
    const key = keyOf(item.metadata.name, item.metadata.namespace);
    changed ||= before.get(key)?.metadata.resourceVersion !== item.metadata.resourceVersion;
    store.set(key, item);
  }
  return changed;
}

function selectionOf(
  options: SelectOptions & { readonly metadataOnly?: boolean },
): SelectOptions & { readonly metadataOnly: boolean } {
  return {
    metadataOnly: options.metadataOnly === true,
    namespace: options.namespace,
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
  };
}

function randomBetween([low, high]: readonly [number, number]): number {
  return low + Math.random() * (high - low);
}
