// What a node that runs pods may run. Those with a `make` are started from this list, in its order; the others are made in
// src/node/worker/, because they wait for the settings of the cluster, by which each worker has another way than a controller.

import {
  containerdDeclaration,
  imageBundlesDeclaration,
  nodeReportDeclaration,
} from "../components/containerd/declaration.ts";
import { hostNetworkDeclaration } from "../components/host-network/declaration.ts";
import { kubeProxyDeclaration } from "../components/kube-proxy/declaration.ts";
import { kubeletDeclaration } from "../components/kubelet/declaration.ts";
import type { WorkerDeclaration } from "../components/node-facts.ts";
import { nodeLocalBalancingDeclaration } from "../components/node-local-balancing/declaration.ts";
import { workerConfigDeclaration } from "../components/worker-config/declaration.ts";
import { workerJoinDeclaration } from "../components/worker-join/declaration.ts";

export const workerRole: readonly WorkerDeclaration[] = [
  workerJoinDeclaration,
  workerConfigDeclaration,
  kubeletDeclaration,
  kubeProxyDeclaration,
  containerdDeclaration,
  imageBundlesDeclaration,
  hostNetworkDeclaration,
  nodeLocalBalancingDeclaration,
  nodeReportDeclaration,
];
