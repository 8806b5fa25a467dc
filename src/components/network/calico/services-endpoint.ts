// Where Calico's own programs find the API: by the balancer of the node or at its real address, so that the network comes up without
// kube-proxy. All of them run in the network of the node.

import { nodeApiEnvironment } from "../../../config/derived.ts";
import type { KubeObject } from "../../../kube/types.ts";
import type { CalicoConfig } from "../config.ts";

export const servicesEndpointName = "kubernetes-services-endpoint";

export function servicesEndpoint(config: CalicoConfig): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: servicesEndpointName, namespace: "kube-system" },
    data: nodeApiEnvironment(config),
  };
}
