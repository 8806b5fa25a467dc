// Members are defragmented one at a time: a turn is the lease `kube-node-lease/k0s-etcd-defragment`, asked for in the
// background and kept for a while after the work.

import type { KubeClient } from "../../../kube/client.ts";
import type { LeaseHolder } from "../../../kube/objects/lease.ts";
import { createLeaderElector, type LeaderElector } from "../../../kube/lease.ts";
import type { Logger } from "../../../std/log.ts";
import { pause } from "../../../std/wait.ts";

export interface MaintenanceTurn {
  /** From now on a turn is wanted. */
  ask(): void;
  readonly isMine: boolean;
  /** The work is done, or not needed any more: the others may go on after `holdMs`. */
  end(holdMs: number): void;
  /** Resolves when the turn has been given back, after the signal has aborted. */
  readonly ended: Promise<void>;
}

export interface TurnOptions {
  readonly kube: () => Promise<KubeClient>;
  readonly holder: LeaseHolder;
}

/** Longest that one defragmentation is waited for: 8 GiB on a slow disk take some ten minutes. */
export const defragmentLimitMs = 1_200_000;
/**
 * The API server of a member that is defragmenting cannot renew anything. So the work ends before its holder gives the turn
 * up, and that comes before anybody else may take it: two members that pause at once leave no quorum.
 */
export const turnTiming = {
  renewDeadlineMs: defragmentLimitMs + 300_000,
  leaseDurationMs: defragmentLimitMs + 600_000,
  retryPeriodMs: 5_000,
};

export function maintenanceTurn(options: TurnOptions, log: Logger, signal: AbortSignal): MaintenanceTurn {
  let campaign: { elector?: LeaderElector; readonly over: AbortController; ending: boolean } | undefined;
  let ended: Promise<void> = Promise.resolve();

  const run = async (mine: NonNullable<typeof campaign>): Promise<void> => {
    const elector = createLeaderElector({
      client: options.kube,
      name: "k0s-etcd-defragment",
      holder: options.holder,
      timing: turnTiming,
      log,
    });
    mine.elector = elector;
    await elector.run(AbortSignal.any([signal, mine.over.signal]));
  };

  return {
    ask() {
      if (campaign !== undefined || signal.aborted) return;
      const mine = { over: new AbortController(), ending: false };
      campaign = mine;
      ended = run(mine)
        .catch((err: unknown) => log.debug("Cannot ask for a turn", { err }))
        .then(() => (campaign = undefined))
        .then(() => undefined);
    },
    get isMine() {
      return campaign?.elector?.isLeader === true && !campaign.ending;
    },
    end(holdMs) {
      const mine = campaign;
      if (mine === undefined || mine.ending) return;
      mine.ending = true;
      void pause(holdMs, signal).then(() => mine.over.abort());
    },
    get ended() {
      return ended;
    },
  };
}

/** For a member that is alone. */
export const alwaysMyTurn: MaintenanceTurn = {
  ask: () => undefined,
  isMine: true,
  end: () => undefined,
  ended: Promise.resolve(),
};
