// The stack `calico`: the default network. Pure; the definitions of Calico's own kinds are in crds.ts.
// Upstream: pkg/component/controller/calico.go.

import type { KubeObject } from "../../../kube/types.ts";
import { calicoKubeControllers } from "./kube-controllers.ts";
import { calicoNodeDaemonSet } from "./node-daemonset.ts";
import { calicoRules } from "./rbac.ts";
import { servicesEndpoint } from "./services-endpoint.ts";
import { clusterRole, clusterRoleBinding, serviceAccount } from "../../../kube/objects/rbac.ts";
import type { CalicoConfig } from "../config.ts";

/** Everything except the custom resource definitions, which must be there first. */
export function calicoObjects(config: CalicoConfig): KubeObject[] {
  const accounts = Object.entries(calicoRules).flatMap(([name, rules]) => [
    serviceAccount(name),
    clusterRole(name, rules),
    clusterRoleBinding(name, name, [{ kind: "ServiceAccount", name, namespace: "kube-system" }]),
  ]);
  return [
    ...accounts,
    servicesEndpoint(config),
    calicoNodeDaemonSet(config),
    ...calicoKubeControllers(config),
  ];
}
