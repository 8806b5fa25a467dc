// Where Calico's own programs find the API: at what does not depend on the controller that leads, so that another leader does not
// replace their pods; without kube-proxy, or with a datastore of one controller, at its real address. All of them run in the
// network of the node.

import { networkApiEnvironment } from "../../../config/derived.ts";
import type { KubeObject } from "../../../kube/types.ts";
import type { CalicoConfig } from "../config.ts";

export const servicesEndpointName = "kubernetes-services-endpoint";

export function servicesEndpoint(config: CalicoConfig, proxied: boolean): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: servicesEndpointName, namespace: "kube-system" },
    data: networkApiEnvironment(config, proxied),
  };
}
