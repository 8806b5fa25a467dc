// One controller at a time starts its processes again, and only while the others answer: a lease decides whose turn it is.

import { createLeaderElector, type LeaderElector, type LeaseTiming } from "../../kube/lease.ts";
import type { LeaseHolder } from "../../kube/objects/lease.ts";
import { formatDuration } from "../../std/duration.ts";
import type { Logger } from "../../std/log.ts";
import { pollUntil } from "../../std/wait.ts";
import type { ApiServers } from "./api-servers.ts";

export interface Rollout {
  /** Does the work when it is this controller's turn. One at a time. */
  alone<Done>(work: () => Promise<Done>, signal: AbortSignal): Promise<Done>;
}

/** Where there is no other controller. */
export const onlyController: Rollout = { alone: (work) => work() };

export interface RolloutTiming {
  readonly lease: LeaseTiming;
  /** Between looks at API servers. */
  readonly lookMs: number;
  /** A controller whose own API server is away for this long waits for nobody: what is down is not missed when it starts again. */
  readonly ownDownMs: number;
}

export interface RolloutOptions {
  readonly holder: LeaseHolder;
  readonly servers: ApiServers;
  readonly log: Logger;
  readonly timing?: RolloutTiming;
  /** Milliseconds of a clock that does not jump. */
  readonly now?: () => number;
}

export const rolloutLease = "k0s-config-rollout";
const defaultTiming: RolloutTiming = {
  // The API server of this controller is away for a part of its turn, and there may be no other one to ask.
  lease: { leaseDurationMs: 90_000, renewDeadlineMs: 75_000, retryPeriodMs: 2_000 },
  lookMs: 2_000,
  ownDownMs: 30_000,
};

interface Turn {
  readonly elector: LeaderElector;
  /** Gives it back. */
  end(): Promise<void>;
}

export function rollout(options: RolloutOptions): Rollout {
  const { holder, servers, log, timing = defaultTiming, now = () => performance.now() } = options;
  const { lookMs } = timing;
  let turn: Turn | undefined;
  let keeping = new AbortController();

  const begin = (signal: AbortSignal): Turn => {
    const over = new AbortController();
    const elector = createLeaderElector({
      client: async () => servers.leases,
      name: rolloutLease,
      holder,
      log,
      timing: timing.lease,
    });
    const running = elector.run(AbortSignal.any([signal, over.signal]));
    return {
      elector,
      async end() {
        turn = undefined;
        over.abort();
        await running;
      },
    };
  };

  /** Until it may begin: it is its turn and the others are ready, or its own API server is away anyway. */
  const untilAllowed = async ({ elector }: Turn, signal: AbortSignal): Promise<void> => {
    let answeredAt = now();
    let askAt = 0;
    let said = "";
    const say = (missing: string): void => {
      if (missing !== said && missing !== "") log.info("Waiting for the other controllers", { missing });
      said = missing;
    };
    let led = false;
    /** API servers are asked now and then, and when the turn has come. */
    const isDue = (): boolean => {
      if (led === elector.isLeader && performance.now() < askAt) return false;
      led = elector.isLeader;
      askAt = performance.now() + lookMs;
      return true;
    };
    const allowed = async (abort: AbortSignal): Promise<boolean> => {
      if (!isDue()) return false;
      if ((await servers.ownTrouble(abort)) === undefined) answeredAt = now();
      const downMs = now() - answeredAt;
      if (downMs >= timing.ownDownMs) {
        log.warn("The own API server is away, no other controller is waited for", {
          since: formatDuration(Math.round(downMs / 1000) * 1000),
        });
        return true;
      }
      if (!elector.isLeader) return false;
      const missing = (await servers.othersNotReady(abort)).join(", ");
      say(missing);
      return missing === "" && elector.isLeader;
    };
    await pollUntil(allowed, {
      what: "the turn of this controller",
      intervalMs: Math.min(lookMs, 500),
      signal,
    });
  };

  /** Others do not begin while the API server of this controller is away, also if its work has failed. */
  const giveBack = async (mine: Turn, signal: AbortSignal): Promise<void> => {
    if (signal.aborted || (await servers.ownTrouble(signal)) === undefined) {
      await mine.end();
      return;
    }
    keeping = new AbortController();
    const since = performance.now();
    let said = false;
    const ready = async (abort: AbortSignal): Promise<boolean> => {
      if ((await servers.ownTrouble(abort)) === undefined) return true;
      // All of it is ready about a second after it has begun to serve: docs/adr/0094.
      if (!said && performance.now() - since >= lookMs) {
        said = true;
        log.warn("The own API server is not ready, the other controllers wait for it");
      }
      return false;
    };
    const until = AbortSignal.any([signal, keeping.signal]);
    const intervalMs = Math.min(lookMs, 500);
    pollUntil(ready, { what: "the own API server", intervalMs, signal: until }).then(
      () => mine.end(),
      // Only by an abort: k0s ends, and the lease with it, or the turn goes on with other work.
      () => undefined,
    );
  };

  return {
    async alone(work, signal) {
      keeping.abort();
      const mine = (turn ??= begin(signal));
      try {
        await untilAllowed(mine, signal);
        return await work();
      } finally {
        await giveBack(mine, signal);
      }
    },
  };
}
