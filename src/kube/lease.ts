// Leader election on a Lease object, compatible with upstream's: same names, 60 s lease, released on stop.
// At most one leads: a term is measured by a clock that counts the time in which the host was suspended, the silence of
// others by one that does not, and a holder is taken for dead only by proof: docs/adr/0051.
// Upstream: pkg/leaderelection/client.go.

import { bootTimeMs } from "../os/boot-clock.ts";
import { errorMessage } from "../std/errors.ts";
import { type Logger, unfailing } from "../std/log.ts";
import { createLoop } from "../std/loop.ts";
import type { KubeClient } from "./client.ts";
import { isAlreadyExists, isConflict, isNotFoundError } from "./errors.ts";
import { createLeaseObserver } from "./lease-observer.ts";
import {
  durationMs,
  isHeld,
  lastingAnnotations,
  type Lease,
  type LeaseHolder,
  leaseKind,
  microTime,
  placeAnnotations,
  placeOf,
} from "./objects/lease.ts";

export interface LeaseTiming {
  /** How long a silent holder keeps the lease. */
  readonly leaseDurationMs: number;
  /** A leader that could not renew for this long gives up. */
  readonly renewDeadlineMs: number;
  /** Between tries of those who wait for it, and of a leader's request at most. */
  readonly retryPeriodMs: number;
  /** From a renewal to the next one; default: `retryPeriodMs`. What fails is tried again soon. */
  readonly renewPeriodMs?: number;
}

const defaultLeaseTiming: LeaseTiming = {
  leaseDurationMs: 60_000,
  renewDeadlineMs: 15_000,
  retryPeriodMs: 5_000,
  // Half of the deadline: a failed renewal leaves as much time for the next tries as there was before it.
  renewPeriodMs: 7_500,
};
/** A leader that cannot renew has until its deadline. */
const longestRetryMs = 1_000;

export interface LeaderElectorOptions {
  /** Its requests should not have to wait for others: see own-connections.ts. Asked again for each try until there is one. */
  readonly client: () => Promise<Pick<KubeClient, "find" | "create" | "update">>;
  readonly name: string;
  readonly namespace?: string;
  readonly holder: LeaseHolder;
  readonly log: Logger;
  readonly timing?: LeaseTiming;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Milliseconds of a clock that does not jump and may stand still with the host. */
  readonly now?: () => number;
  /** Milliseconds of a clock that does not jump and never stands still; default `now` where that is given. */
  readonly termClock?: () => number;
}

/** What leader tasks need to know; a single controller uses `alwaysLeader`. */
export interface LeaderElector {
  readonly isLeader: boolean;
  /**
   * To be asked right before whatever only a leader may do. Throws once the last renewal is too old, though nothing has
   * been noticed yet: as after the host was suspended. That is the end of the term.
   */
  assertTerm(): void;
  /** Called at once with the present state and at each change. Returns how to stop listening. */
  onChange(listener: (leading: boolean) => void): () => void;
  /** Campaigns until the signal aborts, then releases the lease. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Gives the lease up and does not campaign for `ms`. */
  yield(ms: number): void;
  /** Throws when it could not ask for the lease for a minute: made for a component's `health`. */
  health(): void;
}

/** For clusters with a single controller: leads from the start to the end. */
export function alwaysLeader(): LeaderElector {
  return {
    isLeader: true,
    assertTerm: () => undefined,
    onChange(listener) {
      listener(true);
      return () => undefined;
    },
    run: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener("abort", () => resolve(), { once: true });
      }),
    yield: () => undefined,
    health: () => undefined,
  };
}

export function createLeaderElector(options: LeaderElectorOptions): LeaderElector {
  const { holder, timing = defaultLeaseTiming, now = () => performance.now() } = options;
  const { renewPeriodMs = timing.retryPeriodMs } = timing;
  const termClock = options.termClock ?? options.now ?? bootTimeMs;
  const namespace = options.namespace ?? "kube-node-lease";
  const ref = { ...leaseKind, namespace, name: options.name };
  const log = unfailing(options.log).with({ lease: `${namespace}/${options.name}` });
  const observer = createLeaseObserver({ now });
  const listeners = new Set<(leading: boolean) => void>();
  let leading = false;
  let renewedAt = 0;
  let deadline: ReturnType<typeof setTimeout> | undefined;
  let pausedUntil = 0;
  let release = false;
  /** The lease as this process has written it last, until somebody else may have. */
  let written: Lease | undefined;

  const setLeading = (value: boolean): void => {
    clearTimeout(deadline);
    // Also when a request hangs: those who wait for the lease count from the last renewal.
    const leftMs = timing.renewDeadlineMs - (termClock() - renewedAt);
    if (value) deadline = setTimeout(() => setLeading(false), Math.max(0, leftMs));
    if (leading === value) return;
    leading = value;
    log.info(value ? "Acquired the lease" : "Lost the lease");
    for (const listener of listeners) {
      try {
        listener(value);
      } catch (err) {
        log.error("A task cannot follow the leadership", { err: errorMessage(err) });
      }
    }
  };

  const termLasts = (): boolean => leading && termClock() - renewedAt < timing.renewDeadlineMs;

  const mayTake = (lease: Lease): boolean => {
    const silentMs = observer.silentMs(lease);
    if (!isHeld(lease) || lease.spec?.holderIdentity === holder.identity) return true;
    const theirs = placeOf(lease);
    if (theirs !== undefined && theirs.run === holder.place?.run) return true;
    // A holder of our making has given up by then. A clone of this machine that lives goes on renewing.
    const afterReboot = (theirs?.machine ?? "") !== "" && theirs?.machine === holder.place?.machine;
    const enough = afterReboot ? timing.renewDeadlineMs + timing.retryPeriodMs : durationMs(lease);
    return silentMs >= Math.min(enough, durationMs(lease));
  };

  const wanted = (current: Lease | undefined): Lease => {
    const mine = current?.spec?.holderIdentity === holder.identity;
    const time = microTime(Date.now());
    const annotations = { ...options.annotations, ...placeAnnotations(holder) };
    return {
      ...leaseKind,
      metadata: {
        ...current?.metadata,
        name: options.name,
        namespace,
        labels: { ...current?.metadata.labels, ...options.labels },
        annotations: { ...(current === undefined ? {} : lastingAnnotations(current)), ...annotations },
      },
      spec: {
        holderIdentity: holder.identity,
        leaseDurationSeconds: Math.ceil(timing.leaseDurationMs / 1000),
        acquireTime: mine ? (current.spec?.acquireTime ?? time) : time,
        renewTime: time,
        leaseTransitions: (current?.spec?.leaseTransitions ?? 0) + (mine || current === undefined ? 0 : 1),
      },
    };
  };

  /** One try to get or keep the lease; true if it is ours afterwards. */
  const tryOnce = async (signal: AbortSignal): Promise<boolean> => {
    const call = { signal, retries: 0, timeoutMs: timing.retryPeriodMs };
    const client = await options.client();
    // Who leads need not read what nobody else changes: the server compares versions. A term that ran out begins with a look.
    const mine = leading ? written : undefined;
    written = undefined;
    try {
      if (mine !== undefined) {
        written = await client.update(wanted(mine), call);
        return true;
      }
    } catch (err) {
      if (!isConflict(err) && !isNotFoundError(err)) throw err;
    }
    const current = await client.find<Lease>(ref, call);
    try {
      if (current === undefined) {
        written = await client.create(wanted(undefined), call);
        return true;
      }
      if (!mayTake(current)) return false;
      written = await client.update(wanted(current), call);
      return true;
    } catch (err) {
      // Somebody else was faster.
      if (isConflict(err) || isAlreadyExists(err)) return false;
      throw err;
    }
  };

  const giveUp = async (): Promise<void> => {
    release = false;
    written = undefined;
    if (!leading) return;
    setLeading(false);
    try {
      const call = { retries: 0, timeoutMs: 2_000 };
      const client = await options.client();
      const current = await client.find<Lease>(ref, call);
      if (current?.spec?.holderIdentity !== holder.identity) return;
      const spec = {
        ...current.spec,
        holderIdentity: "",
        leaseDurationSeconds: 1,
        renewTime: microTime(Date.now()),
      };
      await client.update<Lease>({ ...current, spec }, call);
    } catch (err) {
      log.debug("Cannot release the lease, it runs out by itself", { err: errorMessage(err) });
    }
  };

  /** Resolves with how long to wait for the next one. */
  const round = async (signal: AbortSignal): Promise<number> => {
    if (release) await giveUp();
    const pauseMs = pausedUntil - now();
    if (pauseMs > 0) return pauseMs;
    // A process that stood still goes on with this round, or with the timer: a term that has run out is not prolonged.
    if (leading && !termLasts()) setLeading(false);
    const startedAt = termClock();
    let mine: boolean;
    try {
      mine = await tryOnce(signal);
    } catch (err) {
      // A leader cannot stay away for as long as a busy server asks of others: without the cause, which says so.
      throw leading && !signal.aborted ? new Error(errorMessage(err)) : err;
    }
    // Others may count from the moment at which it was sent: an answer that this process was too late to read, since it was
    // stopped meanwhile, makes nobody lead.
    if (mine) renewedAt = startedAt;
    setLeading(mine && termClock() - startedAt < timing.renewDeadlineMs);
    // Candidates that began together drift apart.
    return mine ? renewPeriodMs : timing.retryPeriodMs * (1 + Math.random() / 5);
  };

  const loop = createLoop({
    name: `lease ${options.name}`,
    log,
    round,
    // While a cluster starts, the namespace of the lease comes a moment after the API: do not lose a whole period to that.
    backoff: {
      firstMs: Math.min(250, timing.retryPeriodMs),
      get longestMs() {
        return Math.min(leading ? longestRetryMs : Number.POSITIVE_INFINITY, timing.retryPeriodMs);
      },
    },
    quietFailures: 5,
    now,
  });

  return {
    get isLeader() {
      // A process that was stopped for long and goes on has not had the time to notice.
      return termLasts();
    },
    assertTerm() {
      if (termLasts()) return;
      if (leading) {
        setLeading(false);
        loop.ring();
      }
      throw new Error(`this controller does not lead: it has not renewed the lease ${options.name} in time`);
    },
    onChange(listener) {
      listeners.add(listener);
      listener(leading);
      return () => void listeners.delete(listener);
    },
    async run(signal) {
      await loop.run(signal);
      await giveUp();
    },
    yield(ms) {
      pausedUntil = now() + ms;
      release = true;
      loop.ring();
    },
    health: () => loop.health(),
  };
}
