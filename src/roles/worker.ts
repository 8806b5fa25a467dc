// What a node that runs pods may run, by its declarations; how it is started, and after what: src/node/worker/.

import { hostNetworkDeclaration } from "../components/host-network/declaration.ts";
import { workerConfigDeclaration } from "../components/worker-config/declaration.ts";
import { workerJoinDeclaration } from "../components/worker-join/declaration.ts";
import { containerdDeclaration } from "../components/containerd/declaration.ts";
import { kubeProxyDeclaration } from "../components/kube-proxy/declaration.ts";
import { kubeletDeclaration } from "../components/kubelet/declaration.ts";
import { nodeLocalBalancingDeclaration } from "../components/node-local-balancing/declaration.ts";
import type { WorkerFacts } from "../components/worker-facts.ts";
import type { Declaration } from "../supervisor/declaration.ts";

export const workerRole: readonly Declaration<WorkerFacts>[] = [
  workerJoinDeclaration,
  workerConfigDeclaration,
  kubeletDeclaration,
  kubeProxyDeclaration,
  containerdDeclaration,
  hostNetworkDeclaration,
  nodeLocalBalancingDeclaration,
];
