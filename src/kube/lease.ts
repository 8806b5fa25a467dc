// Leader election on a Lease object, compatible with upstream's: same names, 60 s lease, released on stop. Reference §12.4.

import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { sleep } from "../std/wait.ts";
import type { KubeClient } from "./client.ts";
import { isAlreadyExists, isConflict } from "./errors.ts";
import type { KubeResource } from "./types.ts";

export interface Lease extends KubeResource {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
}

export interface LeaseTiming {
  /** How long a silent holder keeps the lease. */
  readonly leaseDurationMs: number;
  /** A leader that could not renew for this long gives up. */
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
}

const defaultLeaseTiming: LeaseTiming = {
  leaseDurationMs: 60_000,
  renewDeadlineMs: 15_000,
  retryPeriodMs: 5_000,
};

export interface LeaderElectorOptions {
  readonly client: KubeClient;
  readonly name: string;
  readonly namespace?: string;
  /** Tells this process from all others; upstream's InvocationID. */
  readonly identity: string;
  readonly log: Logger;
  readonly timing?: LeaseTiming;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Where this process runs, if at most one candidate can run there: then a lease of an earlier run is taken over at once. */
  readonly host?: string;
}

const hostAnnotation = "k0s.k0sproject.io/holder-host";

/** What leader tasks need to know; a single controller uses `alwaysLeader`. */
export interface LeaderElector {
  readonly isLeader: boolean;
  /** Called at once with the present state and at each change. Returns how to stop listening. */
  onChange(listener: (leading: boolean) => void): () => void;
  /** Campaigns until the signal aborts, then releases the lease. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Gives the lease up and does not campaign for `ms`. */
  yield(ms: number): void;
}

/** For clusters with a single controller: leads from the start to the end. */
export function alwaysLeader(): LeaderElector {
  return {
    isLeader: true,
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
  };
}

/** Whether somebody holds the lease now. */
export function isLeaseValid(lease: Lease, now: number): boolean {
  const { holderIdentity, renewTime, leaseDurationSeconds } = lease.spec ?? {};
  if (holderIdentity === undefined || holderIdentity === "" || renewTime === undefined) return false;
  return Date.parse(renewTime) + (leaseDurationSeconds ?? 0) * 1000 > now;
}

export function createLeaderElector(options: LeaderElectorOptions): LeaderElector {
  const { client, identity, timing = defaultLeaseTiming } = options;
  const namespace = options.namespace ?? "kube-node-lease";
  const ref = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", namespace, name: options.name };
  const log = options.log.with({ lease: `${namespace}/${options.name}` });
  const annotations =
    options.host === undefined
      ? options.annotations
      : { ...options.annotations, [hostAnnotation]: options.host };
  const listeners = new Set<(leading: boolean) => void>();
  let leading = false;
  let renewedAt = 0;
  let pausedUntil = 0;
  let release = false;
  /** The foreign lease as last seen, with our own clock: holders' clocks are not to be trusted. */
  let seen = { version: "", at: 0 };

  const setLeading = (value: boolean): void => {
    if (leading === value) return;
    leading = value;
    log.info(value ? "Acquired the lease" : "Lost the lease");
    for (const listener of listeners) listener(value);
  };

  const mayTake = (lease: Lease, now: number): boolean => {
    const holder = lease.spec?.holderIdentity ?? "";
    if (holder === "" || holder === identity) return true;
    if (options.host !== undefined && lease.metadata.annotations?.[hostAnnotation] === options.host)
      return true;
    const version = lease.metadata.resourceVersion ?? "";
    if (seen.version !== version) seen = { version, at: now };
    return now - seen.at >= (lease.spec?.leaseDurationSeconds ?? 0) * 1000;
  };

  const wanted = (current: Lease | undefined, now: number): Lease => {
    const mine = current?.spec?.holderIdentity === identity;
    const time = microTime(now);
    return {
      apiVersion: ref.apiVersion,
      kind: ref.kind,
      metadata: {
        ...current?.metadata,
        name: options.name,
        namespace,
        ...(options.labels === undefined
          ? {}
          : { labels: { ...current?.metadata.labels, ...options.labels } }),
        ...(annotations === undefined
          ? {}
          : { annotations: { ...current?.metadata.annotations, ...annotations } }),
      },
      spec: {
        holderIdentity: identity,
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
    const current = await client.find<Lease>(ref, call);
    const now = Date.now();
    try {
      if (current === undefined) {
        await client.create(wanted(undefined, now), call);
        return true;
      }
      if (!mayTake(current, now)) return false;
      await client.update(wanted(current, now), call);
      return true;
    } catch (err) {
      // Somebody else was faster.
      if (isConflict(err) || isAlreadyExists(err)) return false;
      throw err;
    }
  };

  /** Returns how long to wait for the next one. */
  const step = async (signal: AbortSignal): Promise<number> => {
    try {
      const mine = await tryOnce(signal);
      if (mine) renewedAt = Date.now();
      setLeading(mine);
      return timing.retryPeriodMs;
    } catch (err) {
      if (signal.aborted) return 0;
      log.debug("Cannot reach the lease", { err: errorMessage(err) });
      if (leading && Date.now() - renewedAt >= timing.renewDeadlineMs) setLeading(false);
      // While a cluster starts, the namespace of the lease comes a moment after the API: do not lose a whole period to that.
      return leading ? timing.retryPeriodMs : Math.min(250, timing.retryPeriodMs);
    }
  };

  const giveUp = async (): Promise<void> => {
    if (!leading) return;
    setLeading(false);
    try {
      const call = { retries: 0, timeoutMs: 2_000 };
      const current = await client.get<Lease>(ref, call);
      if (current.spec?.holderIdentity !== identity) return;
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

  return {
    get isLeader() {
      return leading;
    },
    onChange(listener) {
      listeners.add(listener);
      listener(leading);
      return () => void listeners.delete(listener);
    },
    async run(signal) {
      while (!signal.aborted) {
        if (release) {
          release = false;
          await giveUp();
        }
        const pauseMs = Date.now() >= pausedUntil ? await step(signal) : timing.retryPeriodMs;
        await sleep(pauseMs, signal).catch(() => undefined);
      }
      await giveUp();
    },
    yield(ms) {
      pausedUntil = Date.now() + ms;
      release = true;
    },
  };
}

/** metav1.MicroTime: six digits after the second. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}
