// Where konnectivity's agents find the servers, and the API. Upstream: pkg/apis/k0s/v1beta1/konnectivity.go.

import { balancerPorts, externalHost } from "./derived.ts";
import { parseHostPort } from "./schema/names.ts";
import type { ClusterFields } from "./changing-fields.ts";
import type { NodeConfig } from "./fixed-fields.ts";

export type AgentTargetsConfig = NodeConfig &
  ClusterFields<"konnectivity" | "network.nodeLocalLoadBalancing">;

export interface AgentTarget {
  readonly host: string;
  readonly port: number;
}

export interface AgentTargets {
  /** Of the konnectivity servers. */
  readonly server: AgentTarget;
  /**
   * Of the API, where both are reached through the load balancer on the node's own loopback, which pods of another network
   * namespace cannot use. Undefined: through the service network.
   */
  readonly nodeLocalApi: AgentTarget | undefined;
}

export function agentTargets(config: AgentTargetsConfig): AgentTargets {
  const { api, konnectivity, network } = config.spec;
  const external = externalHost(config);
  const balancer = network.nodeLocalLoadBalancing;
  const own =
    konnectivity.externalAddress === undefined ? undefined : parseHostPort(konnectivity.externalAddress);
  if (own !== undefined) {
    const server = { host: own.host, port: own.port ?? konnectivity.agentPort };
    return { server, nodeLocalApi: undefined };
  }
  const ports = balancerPorts(balancer);
  if (ports !== undefined) {
    return {
      server: { host: "localhost", port: ports.konnectivityServerBindPort },
      nodeLocalApi: { host: "localhost", port: ports.apiServerBindPort },
    };
  }
  return {
    server: { host: external?.host ?? api.address, port: konnectivity.agentPort },
    nodeLocalApi: undefined,
  };
}
