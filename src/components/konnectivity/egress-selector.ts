// How kube-apiserver dials nodes, pods and services: through the konnectivity server beside it.
// Upstream: pkg/component/controller/apiserver.go.

import { dumpYaml } from "../../std/yaml.ts";

export function egressSelectorConfig(udsName: string): string {
  return dumpYaml({
    apiVersion: "apiserver.k8s.io/v1beta1",
    kind: "EgressSelectorConfiguration",
    egressSelections: [
      { name: "cluster", connection: { proxyProtocol: "GRPC", transport: { uds: { udsName } } } },
    ],
  });
}
