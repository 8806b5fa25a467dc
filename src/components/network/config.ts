// What the network's manifests need of the configuration.

import type { ClusterFields } from "../../config/changing-fields.ts";
import type { NodeConfig } from "../../config/fixed-fields.ts";

export type CalicoConfig = NodeConfig &
  ClusterFields<"images" | "network.calico" | "network.nodeLocalLoadBalancing">;
export type KubeRouterConfig = NodeConfig &
  ClusterFields<"images" | "network.kubeProxy" | "network.kuberouter" | "network.nodeLocalLoadBalancing">;
export type NetworkConfig = CalicoConfig & KubeRouterConfig;
