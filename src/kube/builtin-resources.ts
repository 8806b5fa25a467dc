// Kinds that every API server serves: known ahead, so that the first requests of a start need no discovery.

import { groupOf } from "./types.ts";
import type { ApiResource, GroupVersionKind } from "./types.ts";

const allVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const reviewVerbs = ["create"];

/** apiVersion → `Kind:plural`, with `!` before cluster-scoped kinds. */
const table: Readonly<Record<string, string>> = {
  v1: "ConfigMap:configmaps Endpoints:endpoints Event:events Pod:pods Secret:secrets Service:services ServiceAccount:serviceaccounts PersistentVolumeClaim:persistentvolumeclaims LimitRange:limitranges ResourceQuota:resourcequotas !Namespace:namespaces !Node:nodes !PersistentVolume:persistentvolumes",
  "apps/v1": "DaemonSet:daemonsets Deployment:deployments ReplicaSet:replicasets StatefulSet:statefulsets",
  "batch/v1": "CronJob:cronjobs Job:jobs",
  "policy/v1": "PodDisruptionBudget:poddisruptionbudgets",
  "coordination.k8s.io/v1": "Lease:leases",
  "discovery.k8s.io/v1": "EndpointSlice:endpointslices",
  "networking.k8s.io/v1": "NetworkPolicy:networkpolicies Ingress:ingresses",
  "rbac.authorization.k8s.io/v1":
    "Role:roles RoleBinding:rolebindings !ClusterRole:clusterroles !ClusterRoleBinding:clusterrolebindings",
  "certificates.k8s.io/v1": "!CertificateSigningRequest:certificatesigningrequests",
  "apiextensions.k8s.io/v1": "!CustomResourceDefinition:customresourcedefinitions",
  "apiregistration.k8s.io/v1": "!APIService:apiservices",
  "scheduling.k8s.io/v1": "!PriorityClass:priorityclasses",
  "storage.k8s.io/v1": "!StorageClass:storageclasses",
  "authorization.k8s.io/v1": "!SubjectAccessReview:subjectaccessreviews",
  "authentication.k8s.io/v1": "!TokenReview:tokenreviews",
};

/** The built-in resource of a kind, or undefined when discovery has to tell. */
export function builtinResource(gvk: GroupVersionKind): ApiResource | undefined {
  const row = table[gvk.apiVersion]
    ?.split(" ")
    .find((entry) => entry.replace("!", "").split(":", 1)[0] === gvk.kind);
  if (row === undefined) return undefined;
  const group = groupOf(gvk.apiVersion);
  return {
    apiVersion: gvk.apiVersion,
    kind: gvk.kind,
    group,
    version: group === "" ? gvk.apiVersion : gvk.apiVersion.slice(group.length + 1),
    plural: row.split(":")[1] ?? "",
    namespaced: !row.startsWith("!"),
    verbs: gvk.kind.endsWith("Review") ? reviewVerbs : allVerbs,
  };
}
