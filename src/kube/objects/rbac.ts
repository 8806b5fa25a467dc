// Short forms of RBAC objects, shared by the add-ons.

import type { KubeObject } from "../types.ts";

export interface PolicyRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

export type Subject =
  | { readonly kind: "Group" | "User"; readonly name: string }
  | { readonly kind: "ServiceAccount"; readonly name: string; readonly namespace: string };

type Labels = Readonly<Record<string, string>>;

const rbacGroup = "rbac.authorization.k8s.io";
const apiVersion = `${rbacGroup}/v1`;

export function serviceAccount(name: string, labels?: Labels): KubeObject {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: meta(name, "kube-system", labels) };
}

export function clusterRole(name: string, rules: readonly PolicyRule[], labels?: Labels): KubeObject {
  return { apiVersion, kind: "ClusterRole", metadata: meta(name, undefined, labels), rules };
}

export function role(
  name: string,
  namespace: string,
  rules: readonly PolicyRule[],
  labels?: Labels,
): KubeObject {
  return { apiVersion, kind: "Role", metadata: meta(name, namespace, labels), rules };
}

export function clusterRoleBinding(
  name: string,
  roleName: string,
  subjects: readonly Subject[],
  labels?: Labels,
): KubeObject {
  const roleRef = { apiGroup: rbacGroup, kind: "ClusterRole", name: roleName };
  return {
    apiVersion,
    kind: "ClusterRoleBinding",
    metadata: meta(name, undefined, labels),
    roleRef,
    subjects: subjects.map(toSubject),
  };
}

export function roleBinding(
  name: string,
  namespace: string,
  roleName: string,
  subjects: readonly Subject[],
  labels?: Labels,
): KubeObject {
  const roleRef = { apiGroup: rbacGroup, kind: "Role", name: roleName };
  return {
    apiVersion,
    kind: "RoleBinding",
    metadata: meta(name, namespace, labels),
    roleRef,
    subjects: subjects.map(toSubject),
  };
}

function toSubject(subject: Subject): Record<string, string> {
  if (subject.kind === "ServiceAccount")
    return { kind: subject.kind, name: subject.name, namespace: subject.namespace };
  return { apiGroup: rbacGroup, kind: subject.kind, name: subject.name };
}

function meta(
  name: string,
  namespace: string | undefined,
  labels: Labels | undefined,
): KubeObject["metadata"] {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels: { ...labels } }),
  };
}
