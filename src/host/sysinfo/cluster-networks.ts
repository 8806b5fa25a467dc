// The networks of a cluster, as far as a host knows them.

import { podCidrs, serviceCidrs } from "../../config/derived.ts";
import { cidrFamily } from "../../std/cidr.ts";
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

/** Calico's tunnels, by the family of what goes through them. */
const wireguard = {
  4: { protocol: "udp", port: 51_820 },
  6: { protocol: "udp", port: 51_821 },
} as const satisfies Record<4 | 6, WantedPort>;

function betweenNodes(config: ClusterConfig): readonly WantedPort[] {
  const { network } = config.spec;
  const { provider, calico } = network;
  const bgp: WantedPort = { protocol: "tcp", port: 179 };
  if (provider === "kuberouter") return [bgp];
  if (provider !== "calico") return [];
  return [
    calico.mode === "vxlan" ? { protocol: "udp", port: calico.vxlanPort } : bgp,
    ...(calico.wireguard ? podCidrs(config).map((cidr) => wireguard[cidrFamily(cidr)]) : []),
  ];
}
