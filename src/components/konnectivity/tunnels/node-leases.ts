// For how long the kubelets of nodes have not reported: the leases that they renew, of a few nodes only.

import type { KubeClient } from "../../../kube/client.ts";
import { type Lease, leaseKind } from "../../../kube/objects/lease.ts";

/** A cluster that has lost all of its tunnels at once needs no lease of each node to see what is wrong. */
const atMost = 5;

/** By the clocks of the nodes, which k0s wants to be right; without those that have no lease. */
export async function silences(
  client: Pick<KubeClient, "find">,
  nodes: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const found = await Promise.all(
    nodes.slice(0, atMost).map(async (name) => {
      const lease = await client.find<Lease>(
        { ...leaseKind, namespace: "kube-node-lease", name },
        { signal },
      );
      const renewed = Date.parse(lease?.spec?.renewTime ?? "");
      return Number.isNaN(renewed) ? [] : [[name, Date.now() - renewed] as const];
    }),
  );
  return new Map(found.flat());
}
