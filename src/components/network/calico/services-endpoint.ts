// Where Calico's own programs find the API: at its real address, so that the network comes up without kube-proxy.

import { externalApiUrl } from "../../../config/derived.ts";
import type { KubeObject } from "../../../kube/types.ts";
import type { CalicoConfig } from "../config.ts";

export const servicesEndpointName = "kubernetes-services-endpoint";

export function servicesEndpoint(config: CalicoConfig): KubeObject {
  const { hostname, port } = new URL(externalApiUrl(config));
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: servicesEndpointName, namespace: "kube-system" },
    data: {
      KUBERNETES_SERVICE_HOST: hostname.replaceAll(/[[\]]/g, ""),
      // The port of a URL is empty where it is the scheme's own.
      KUBERNETES_SERVICE_PORT: port === "" ? "443" : port,
    },
  };
}
