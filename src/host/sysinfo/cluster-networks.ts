// The networks of a cluster, as far as a host knows them.

import { podCidrs, serviceCidrs } from "../../config/derived.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { WantedPort } from "./firewall/filter-chain.ts";

type NetworkProvider = ClusterConfig["spec"]["network"]["provider"];

/** The first of each is of the cluster's main family. */
export interface ClusterNetworks {
  /** Undefined where this host does not know it. */
  readonly provider: NetworkProvider | undefined;
  readonly pods: readonly string[];
  readonly services: readonly string[];
  /** Whether the cluster has both families. */
  readonly dualStack: boolean;
  /** Where nodes send each other what pods send, or the routes for it. */
  readonly between: readonly WantedPort[];
}

/** A worker learns them when it has joined. */
export const unknownNetworks: ClusterNetworks = {
  provider: undefined,
  pods: [],
  services: [],
  dualStack: false,
  between: [],
};

export function networksOf(config: ClusterConfig): ClusterNetworks {
  const { provider, dualStack } = config.spec.network;
  return {
    provider,
    // Another provider may give pods addresses of the hosts' own network.
    pods: provider === "custom" ? [] : podCidrs(config),
    services: serviceCidrs(config),
    dualStack: dualStack.enabled,
    between: betweenNodes(config),
  };
}

function betweenNodes({ spec: { network } }: ClusterConfig): readonly WantedPort[] {
  const { provider, calico } = network;
  const bgp: WantedPort = { protocol: "tcp", port: 179 };
  if (provider === "kuberouter") return [bgp];
  if (provider !== "calico") return [];
  return [
    calico.mode === "vxlan" ? { protocol: "udp", port: calico.vxlanPort } : bgp,
    ...(calico.wireguard ? [{ protocol: "udp" as const, port: 51_820 }] : []),
  ];
}
