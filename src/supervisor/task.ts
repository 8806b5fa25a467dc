// A component that works in the background: it begins with its start, its health tells its faults, and its stop ends and
// awaits it. Back-off, log and health of what repeats are those of std/loop.ts. docs/adr/0055.

import type { Component } from "./component.ts";

/** What goes on until its signal aborts, and never rejects: a loop, an informer, an elector. */
export interface TaskPart {
  run(signal: AbortSignal): Promise<unknown>;
  /** Throws when it has not worked for long. */
  health(): void;
  /** Again at once. */
  ring?(): void;
}

export interface TaskOptions extends Pick<Component, "name" | "dependsOn" | "init" | "ready" | "reconcile"> {
  /** A function is asked at the start, and fails with it: before that there may be no credentials. */
  readonly parts: readonly TaskPart[] | ((signal: AbortSignal) => Promise<readonly TaskPart[]>);
  /** What more can be wrong; asked when all parts are well. */
  readonly health?: (signal: AbortSignal) => Promise<void> | void;
  /** When the work has ended; also after a start that failed. */
  readonly end?: () => Promise<void> | void;
}

export interface Task extends Component {
  health(signal: AbortSignal): Promise<void>;
  /** Has everything done again at once that can be. */
  ring(): void;
}

export function task({ parts, health, end, ...component }: TaskOptions): Task {
  const stopping = new AbortController();
  let begun: readonly TaskPart[] = [];
  let running: Promise<unknown> = Promise.resolve();
  return {
    ...component,
    async start(signal) {
      begun = typeof parts === "function" ? await parts(signal) : parts;
      running = Promise.all(begun.map((part) => part.run(stopping.signal)));
    },
    async health(signal) {
      for (const part of begun) part.health();
      await health?.(signal);
    },
    ring: () => begun.forEach((part) => part.ring?.()),
    async stop() {
      stopping.abort();
      await running;
      await end?.();
    },
  };
}

export interface OnceOptions extends Pick<Component, "name" | "dependsOn"> {
  readonly work: (signal: AbortSignal) => Promise<void>;
}

/** Work that is done once: begun with the start, ready when it is done. */
export function onceTask({ work, ...component }: OnceOptions): Component {
  const stopping = new AbortController();
  let working: Promise<void> = Promise.resolve();
  return {
    ...component,
    async start() {
      working = work(stopping.signal);
      // `ready` reports it; here it only must not count as unhandled.
      working.catch(() => undefined);
    },
    ready: () => working,
    async stop() {
      stopping.abort();
      await Promise.allSettled([working]);
    },
  };
}
