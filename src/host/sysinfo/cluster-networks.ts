// The networks of a cluster, as far as a host knows them.

import { podCidrs, serviceCidrs } from "../../config/derived.ts";
import type { NodeConfig } from "../../config/fixed-fields.ts";

/** The first of each is of the cluster's main family. */
export interface ClusterNetworks {
  readonly pods: readonly string[];
  readonly services: readonly string[];
  /** Whether the cluster has both families. */
  readonly dualStack: boolean;
}

/** A worker learns them when it has joined. */
export const unknownNetworks: ClusterNetworks = { pods: [], services: [], dualStack: false };

export function networksOf(config: NodeConfig): ClusterNetworks {
  const { provider, dualStack } = config.spec.network;
  return {
    // Another provider may give pods addresses of the hosts' own network.
    pods: provider === "custom" ? [] : podCidrs(config),
    services: serviceCidrs(config),
    dualStack: dualStack.enabled,
  };
}
