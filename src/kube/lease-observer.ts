// How old leases are, by our own clock: a lease is alive while it changes. The clocks of their holders, and our own
// wall clock, which may jump, do not count.

import { durationMs, isHeld, type Lease } from "./objects/lease.ts";

export interface LeaseObserver {
  /** Takes note of a lease; returns how long we have seen it unchanged, in milliseconds. */
  silentMs(lease: Lease): number;
  /** Like `silentMs`; of a lease that is new to us at least what the wall clocks say, less what they may differ by. */
  ageMs(lease: Lease): number;
}

export interface LeaseObserverOptions {
  /** Milliseconds of a clock that does not jump. */
  readonly now?: () => number;
  /** Milliseconds of the wall clock. */
  readonly wallClock?: () => number;
  /** What wall clocks may differ by; default ten minutes. */
  readonly clockDifferenceMs?: number;
}

/** How many are remembered: more than there are controllers, even after years of new names. */
const most = 1_000;

export function createLeaseObserver(options: LeaseObserverOptions = {}): LeaseObserver {
  const { now = () => performance.now(), wallClock = Date.now, clockDifferenceMs = 600_000 } = options;
  const seen = new Map<string, { readonly version: string; readonly at: number }>();

  const silentMs = (lease: Lease): number => {
    const { namespace = "", name = "", resourceVersion = "", uid = "" } = lease.metadata;
    const key = `${namespace}/${name}`;
    const version = [uid, resourceVersion, lease.spec?.renewTime].join(" ");
    const known = seen.get(key);
    if (known?.version === version) return now() - known.at;
    seen.delete(key);
    seen.set(key, { version, at: now() });
    for (const oldest of [...seen.keys()].slice(0, Math.max(0, seen.size - most))) seen.delete(oldest);
    return 0;
  };

  return {
    silentMs,
    ageMs(lease) {
      const told = wallClock() - Date.parse(lease.spec?.renewTime ?? "") - clockDifferenceMs;
      return Math.max(silentMs(lease), Number.isNaN(told) ? 0 : told);
    },
  };
}

/** Whether somebody holds a lease of this age. */
export function isAlive(lease: Lease, ageMs: number): boolean {
  return isHeld(lease) && lease.spec?.renewTime !== undefined && ageMs < durationMs(lease);
}
