// One controller at a time starts its processes again, and only while the others answer: a lease decides whose turn it is.

import type { KubeClient } from "../../kube/client.ts";
import { kubeClientOn } from "../../kube/client.ts";
import { kubeconfigCredentials } from "../../kube/kubeconfig-client.ts";
import { createLeaderElector } from "../../kube/lease.ts";
import { createLeaseObserver } from "../../kube/lease-observer.ts";
import type { LeaseHolder } from "../../kube/objects/lease.ts";
import { createTransport } from "../../kube/transport.ts";
import { errorMessage } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { pollUntil } from "../../std/wait.ts";
import { activeControllers } from "../controller-leases/component.ts";

export interface Rollout {
  /** Does the work when it is this controller's turn. */
  alone<Done>(work: () => Promise<Done>, signal: AbortSignal): Promise<Done>;
}

/** Where there is no other controller. */
export const onlyController: Rollout = { alone: (work) => work() };

export interface RolloutOptions {
  readonly leaseClient: () => Promise<KubeClient>;
  readonly holder: LeaseHolder;
  /** What the API servers of the other controllers say: a reason for each that is not ready. */
  readonly othersNotReady: (signal: AbortSignal) => Promise<readonly string[]>;
  readonly log: Logger;
}

const leaseName = "k0s-config-rollout";
/** The API server of this controller is away for a part of its turn: the lease outlasts that. */
const timing = { leaseDurationMs: 90_000, renewDeadlineMs: 75_000, retryPeriodMs: 2_000 };
const lookMs = 2_000;

export function rollout({ leaseClient, holder, othersNotReady, log }: RolloutOptions): Rollout {
  return {
    async alone(work, signal) {
      const over = new AbortController();
      const turn = createLeaderElector({ client: leaseClient, name: leaseName, holder, log, timing });
      const holding = turn.run(AbortSignal.any([signal, over.signal]));
      try {
        await pollUntil(async () => turn.isLeader, {
          what: "the turn of this controller",
          intervalMs: 200,
          signal,
        });
        let said = "";
        await pollUntil(
          async (abort) => {
            const missing = (await othersNotReady(abort)).join(", ");
            if (missing !== said && missing !== "")
              log.info("Waiting for the other controllers", { missing });
            said = missing;
            return missing === "" && turn.isLeader;
          },
          { what: "the other controllers", intervalMs: lookMs, signal },
        );
        return await work();
      } finally {
        over.abort();
        await holding;
      }
    },
  };
}

/** Asks the API server of every other controller that holds its lease. */
export function othersNotReady(node: {
  readonly name: string;
  readonly leaseClient: () => Promise<KubeClient>;
  readonly paths: { readonly adminKubeconfig: string };
}): RolloutOptions["othersNotReady"] {
  const observer = createLeaseObserver();
  const credentials = kubeconfigCredentials(node.paths.adminKubeconfig);
  return async (signal) => {
    const active = await activeControllers(await node.leaseClient(), { observer, signal });
    const others = active.filter(({ name, apiAddress }) => name !== node.name && apiAddress !== "");
    const states = await Promise.all(
      others.map(async ({ name, apiAddress }) => {
        const client = kubeClientOn(createTransport({ server: `https://${apiAddress}`, credentials }));
        try {
          const answer = await client.raw("/readyz", { signal, timeoutMs: 5_000, retries: 0 });
          await answer.body?.cancel();
          return answer.ok ? [] : [`${name} (${answer.status})`];
        } catch (err) {
          signal.throwIfAborted();
          return [`${name} (${errorMessage(err)})`];
        }
      }),
    );
    return states.flat();
  };
}
