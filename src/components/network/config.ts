// What the network's manifests need of the configuration.

import type { ClusterFields } from "../../config/cluster.ts";
import type { NodeConfig } from "../../config/node.ts";

export type CalicoConfig = NodeConfig & ClusterFields<"images" | "network.calico">;
export type KubeRouterConfig = NodeConfig & ClusterFields<"images" | "network.kuberouter">;
export type NetworkConfig = CalicoConfig & KubeRouterConfig;
