// The stack `calico`: the default network. Pure; the definitions of Calico's own kinds are in calico/crds.ts. Reference §8.8.

import type { ClusterConfig } from "../config/cluster-config.ts";
import type { KubeObject } from "../kube/types.ts";
import { calicoKubeControllers } from "./calico/kube-controllers.ts";
import { calicoNodeDaemonSet } from "./calico/node-daemonset.ts";
import { calicoRules, type PolicyRule } from "./calico/rules.ts";
import { servicesEndpoint } from "./calico/services-endpoint.ts";

/** Everything except the custom resource definitions, which must be there first. */
export function calicoObjects(config: ClusterConfig): KubeObject[] {
  return [
    ...Object.entries(calicoRules).flatMap(([account, rules]) => serviceAccount(account, rules)),
    servicesEndpoint(config),
    calicoNodeDaemonSet(config),
    ...calicoKubeControllers(config),
  ];
}

/** A service account and a cluster role of the same name. */
function serviceAccount(name: string, rules: readonly PolicyRule[]): KubeObject[] {
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: "kube-system" } },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name }, rules },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
      subjects: [{ kind: "ServiceAccount", name, namespace: "kube-system" }],
    },
  ];
}
