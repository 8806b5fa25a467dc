// What the deployer never deletes by itself, whatever the manifest folders look like. Design decision 7.

import type { ObjectRef } from "../kube/types.ts";

/** Folders below <manifests> that other parts of k0s handle; a note is left in them. Reference §10.1. */
export const ignoredStacks: ReadonlySet<string> = new Set([
  "autopilot",
  "api-config",
  "etcd-member",
  "helm",
  "bootstraprbac",
  "windows",
]);

/** Stacks written by k0s itself without which pods, names or nodes stop working. */
export const systemStacks: ReadonlySet<string> = new Set([
  "calico",
  "calico_init",
  "coredns",
  "konnectivity",
  "kuberouter",
  "metricserver",
]);

const systemNamespaces: ReadonlySet<string> = new Set([
  "default",
  "kube-node-lease",
  "kube-public",
  "kube-system",
]);

/** Objects that no stack may delete. */
export function isUndeletable(ref: ObjectRef): boolean {
  return ref.kind === "Namespace" && systemNamespaces.has(ref.name);
}
