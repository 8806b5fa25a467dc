// Which names a folder of manifests cannot have, and what no folder can make k0s delete. docs/adr/0042.

import type { ObjectRef } from "../kube/types.ts";

/**
 * Stacks that k0s applies from code, without a folder. A new one has to be named here, else it does not compile; so a
 * folder can never share a label with one.
 */
export type InternalStack = (typeof internalStacks)[number] | `${typeof internalPrefix}${string}`;

const internalStacks = ["api-config", "bootstraprbac", "etcd", "helm"] as const;
const internalPrefix = "k0s-worker-config-";

/** Folders below <manifests> that upstream's other parts handle, so that k0s may later. Upstream: pkg/applier/manager.go. */
const upstreamFolders = ["autopilot", "etcd-member", "windows"];

const reservedNames: ReadonlySet<string> = new Set([...internalStacks, ...upstreamFolders]);

/** What the API server takes as the value of a label. */
const labelValue = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** Why manifests in a folder of this name are not applied; undefined when they are. */
export function whyReserved(folder: string): string | undefined {
  if (reservedNames.has(folder) || folder.startsWith(internalPrefix))
    return "k0s uses this name itself: choose another one for the folder";
  if (!labelValue.test(folder))
    return "the name of a folder becomes the value of a label: at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends";
  return undefined;
}

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
