// Asks every ready component now and then whether it does its work, and keeps the last answers and events of each for
// `k0s status components`. Upstream: pkg/component/prober/prober.go.

import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { createLoop } from "../std/loop.ts";
import type { Component, ProcessEvent } from "./component.ts";
import type { EventReader } from "./events.ts";

export interface ProbeResult {
  readonly component: string;
  /** RFC 3339. */
  readonly at: string;
  readonly error: string | null;
}

export interface ProbeEvent {
  readonly at: string;
  readonly message: string;
  readonly payload?: unknown;
}

/** By component, oldest first. */
export interface ProbeReport {
  readonly healthProbes: Readonly<Record<string, readonly ProbeResult[]>>;
  readonly events: Readonly<Record<string, readonly ProbeEvent[]>>;
}

export interface HealthCheck {
  readonly name: string;
  /** Throws when it is not well. */
  readonly check: (signal: AbortSignal) => Promise<void>;
}

export interface HealthProberOptions {
  /** Of the components that are ready now. */
  readonly checks: () => readonly HealthCheck[];
  readonly log: Logger;
  /** Told when a check fails the second time in a row (once is a busy host), and of each that passes (null). */
  readonly onVerdict?: (component: string, error: string | null) => void;
  /** Default 10 s; as long as something fails, a fifth of it. */
  readonly intervalMs?: number;
  /** Of one check; default 5 s. */
  readonly timeoutMs?: number;
  /** Milliseconds of a clock that does not jump. */
  readonly now?: () => number;
}

export interface HealthProber extends Component {
  report(maxCount: number): ProbeReport;
  /** Remembers what has happened to the process of a component: failures before that are not those of the next one. */
  readonly read: EventReader;
  /** Why nobody asks the components any more; null while they are asked. Nothing else watches the prober. */
  failure(): string | null;
}

/** How many answers and events are kept of each component. */
const kept = 3;

export function createHealthProber(options: HealthProberOptions): HealthProber {
  const { checks, log, onVerdict, intervalMs = 10_000, timeoutMs = 5_000 } = options;
  const results = new Map<string, ProbeResult[]>();
  const events = new Map<string, ProbeEvent[]>();
  /** In a row, of the present process. */
  const failures = new Map<string, number>();
  /** How often the process of a component has changed. */
  const lives = new Map<string, number>();
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  const probe = async ({ name, check }: HealthCheck): Promise<void> => {
    const life = lives.get(name);
    const error = await outcome(check, stopping.signal, timeoutMs);
    // An answer, or a missing one, of a process that is gone.
    if (stopping.signal.aborted || lives.get(name) !== life) return;
    failures.set(name, error === null ? 0 : (failures.get(name) ?? 0) + 1);
    const before = results.get(name)?.at(-1)?.error ?? null;
    if (error !== null && before === null) log.warn("Health check fails", { component: name, err: error });
    if (error === null && before !== null) log.info("Health check passes again", { component: name });
    remember(results, name, { component: name, at: new Date().toISOString(), error });
    if (error === null || (failures.get(name) ?? 0) >= 2) onVerdict?.(name, error);
  };

  const round = async (): Promise<number> => {
    const now = checks();
    // A component that is gone has no health any more.
    const names = new Set(now.map(({ name }) => name));
    for (const name of results.keys()) {
      if (names.has(name)) continue;
      results.delete(name);
      failures.delete(name);
    }
    await Promise.all(now.map(probe));
    return someFail() ? intervalMs / 5 : intervalMs;
  };

  const someFail = (): boolean => [...results.values()].some((all) => all.at(-1)?.error !== null);

  // No check takes longer than its limit: a round that does hangs in this file.
  const loop = createLoop({
    name: "the round of health checks",
    log,
    round,
    limitMs: 2 * timeoutMs,
    patienceMs: 2 * intervalMs,
    ...(options.now === undefined ? {} : { now: options.now }),
  });

  return {
    name: "health-prober",
    start: async () => {
      running = loop.run(stopping.signal);
    },
    failure: () => {
      try {
        loop.health();
        return null;
      } catch (err) {
        return errorMessage(err);
      }
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
    read: (told) => {
      if (told.kind !== "process") return;
      const { component, event } = told;
      failures.delete(component);
      lives.set(component, (lives.get(component) ?? 0) + 1);
      const message = eventMessage(event);
      if (message !== undefined)
        remember(events, component, { at: new Date().toISOString(), message, payload: event });
    },
    report: (maxCount) => ({ healthProbes: newest(results, maxCount), events: newest(events, maxCount) }),
  };
}

/** A check that does not heed its signal counts as one without an answer, too: it must not hold up the others. */
async function outcome(
  check: HealthCheck["check"],
  stopping: AbortSignal,
  timeoutMs: number,
): Promise<string | null> {
  const over = new AbortController();
  const giveUp = Promise.withResolvers<never>();
  giveUp.promise.catch(() => undefined);
  over.signal.addEventListener("abort", () => giveUp.reject(over.signal.reason));
  const stop = (): void => over.abort(new Error("k0s stops"));
  stopping.addEventListener("abort", stop);
  const timer = setTimeout(() => over.abort(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  try {
    await Promise.race([check(over.signal), giveUp.promise]);
    return null;
  } catch (err) {
    return errorMessage(err);
  } finally {
    clearTimeout(timer);
    stopping.removeEventListener("abort", stop);
  }
}

/** Its health tells that it runs again. */
function eventMessage(event: ProcessEvent): string | undefined {
  if (event.kind === "ended") return `the process ${event.how}`;
  return event.kind === "restarting" ? "started again by k0s" : undefined;
}

function remember<T>(lists: Map<string, T[]>, name: string, item: T): void {
  lists.set(name, [...(lists.get(name) ?? []), item].slice(-kept));
}

function newest<T>(lists: ReadonlyMap<string, readonly T[]>, maxCount: number): Record<string, readonly T[]> {
  return Object.fromEntries(
    [...lists].map(([name, all]) => [name, maxCount <= 0 ? [] : all.slice(-maxCount)]),
  );
}
