// The order in which the objects of a stack are applied: what others need goes first. Objects of one wave go in parallel.

import { builtinResource } from "../kube/builtin-resources.ts";
import { groupOf } from "../kube/types.ts";
import type { GroupVersionKind, KubeResource } from "../kube/types.ts";

/** Lower waves are finished before the next one starts. */
const waves = {
  definitions: 0,
  namespaces: 1,
  clusterScoped: 2,
  settings: 3,
  workloads: 4,
  /** What makes the API server depend on pods that must run first. */
  extensions: 5,
} as const;

export type Wave = (typeof waves)[keyof typeof waves];

const settingKinds: ReadonlySet<string> = new Set([
  "ConfigMap",
  "LimitRange",
  "PersistentVolumeClaim",
  "ResourceQuota",
  "Role",
  "RoleBinding",
  "Secret",
  "Service",
  "ServiceAccount",
]);

const extensionGroups: ReadonlySet<string> = new Set([
  "admissionregistration.k8s.io",
  "apiregistration.k8s.io",
]);

export function waveOf(object: KubeResource): Wave {
  if (isCrd(object)) return waves.definitions;
  if (object.apiVersion === "v1" && object.kind === "Namespace") return waves.namespaces;
  if (extensionGroups.has(groupOf(object.apiVersion))) return waves.extensions;
  if (!isNamespaced(object)) return waves.clusterScoped;
  return settingKinds.has(object.kind) && builtinResource(object) !== undefined
    ? waves.settings
    : waves.workloads;
}

export function isCrd(kind: GroupVersionKind): boolean {
  return kind.kind === "CustomResourceDefinition" && groupOf(kind.apiVersion) === "apiextensions.k8s.io";
}

/** For kinds that we do not know the manifest decides, as upstream does it. */
function isNamespaced(object: KubeResource): boolean {
  const namespace = object.metadata.namespace ?? "";
  return builtinResource(object)?.namespaced ?? namespace !== "";
}
