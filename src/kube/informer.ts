// Follows every object of a kind: list, watch, continue after each end, list again when the server forgot our place,
// and list again from time to time anyway, because a watch that silently loses events is worse than a second list.

import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { sleep } from "../std/wait.ts";
import type { KubeClient, SelectOptions } from "./client.ts";
import { isExpired } from "./errors.ts";
import { defaultInformerTiming } from "./informer-timing.ts";
import type { InformerTiming } from "./informer-timing.ts";
import type { GroupVersionKind, KubeObject, KubeResource } from "./types.ts";

export interface InformerOptions<T extends KubeResource> extends SelectOptions {
  readonly client: KubeClient;
  readonly kind: GroupVersionKind;
  readonly log: Logger;
  /** Called after the first list and after each change, with what changed; calls do not overlap. Throwing is logged, never fatal. */
  readonly onChange?: (change: InformerChange<T>) => void;
  readonly timing?: InformerTiming;
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
  items(): readonly T[];
  get(name: string, namespace?: string): T | undefined;
}

export function createInformer<T extends KubeResource = KubeObject>(
  options: InformerOptions<T>,
): Informer<T> {
  const { client, kind, timing = defaultInformerTiming } = options;
  const log = options.log.with({ kind: kind.kind });
  const store = new Map<string, T>();
  const firstList = Promise.withResolvers<void>();

  const notify = (change: InformerChange<T>): void => {
    try {
      options.onChange?.(change);
    } catch (err) {
      log.error("A handler of changed objects failed", { err: errorMessage(err) });
    }
  };

  const relist = async (signal: AbortSignal): Promise<string> => {
    const list = await client.list<T>(kind, { ...selectionOf(options), signal });
    const changed = replaceAll(store, list.items);
    firstList.resolve();
    if (changed) notify({ reason: "listed" });
    return list.resourceVersion;
  };

  /** Watches until the server ends the watch; returns where to continue. */
  const watchOnce = async (from: string, until: number, signal: AbortSignal): Promise<string> => {
    const watching = new AbortController();
    const both = AbortSignal.any([signal, watching.signal]);
    const silence = watchdog(timing.silenceMs, () =>
      watching.abort(new Error("the watch brought nothing for too long")),
    );
    let position = from;
    try {
      const timeoutSeconds = Math.max(
        1,
        Math.min(randomBetween(timing.watchSeconds), (until - Date.now()) / 1000),
      );
      const events = client.watch<T>(kind, {
        ...selectionOf(options),
        resourceVersion: from,
        timeoutSeconds: Math.ceil(timeoutSeconds),
        signal: both,
      });
      for await (const event of events) {
        silence.feed();
        if (event.type === "BOOKMARK") {
          position = event.resourceVersion;
          continue;
        }
        position = event.object.metadata.resourceVersion ?? position;
        applyEvent(store, event.type, event.object);
        notify({ reason: reasonOf[event.type], object: event.object });
      }
      return position;
    } catch (err) {
      signal.throwIfAborted();
      if (isExpired(err)) throw err;
      // A broken connection loses nothing: continue after the last event.
      log.debug("A watch broke off and continues", { err: errorMessage(err) });
      await sleep(timing.backOffMs[0], signal);
      return position;
    } finally {
      silence.stop();
    }
  };

  /** One list and its watches until the next list is due. */
  const cycle = async (signal: AbortSignal): Promise<void> => {
    let position = await relist(signal);
    const until = Date.now() + timing.relistMs;
    while (Date.now() < until) position = await watchOnce(position, until, signal);
  };

  return {
    async run(signal) {
      let failures = 0;
      while (!signal.aborted) {
        try {
          await cycle(signal);
          failures = 0;
        } catch (err) {
          if (signal.aborted) return;
          if (isExpired(err)) continue;
          const [first, longest] = timing.backOffMs;
          const delay = Math.min(first * 2 ** failures++, longest);
          log.warn("Cannot follow objects, trying again", { err: errorMessage(err), delayMs: delay });
          await sleep(delay, signal).catch(() => undefined);
        }
      }
    },
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

/** Puts a fresh list in place of what is held; says whether anything differs. */
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

function selectionOf(options: SelectOptions): SelectOptions {
  return {
    namespace: options.namespace,
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
  };
}

function randomBetween([low, high]: readonly [number, number]): number {
  return low + Math.random() * (high - low);
}

/** Calls `onSilence` when `feed` was not called for `ms`. */
function watchdog(ms: number, onSilence: () => void): { feed(): void; stop(): void } {
  let timer = setTimeout(onSilence, ms);
  return {
    feed() {
      clearTimeout(timer);
      timer = setTimeout(onSilence, ms);
    },
    stop: () => clearTimeout(timer),
  };
}
