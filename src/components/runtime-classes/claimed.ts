// Whether somebody else wants a RuntimeClass that k0s has made: then it is given up. Pure. docs/adr/0093.

import { fieldManager, stackLabel } from "../../deployer/stack-labels.ts";
import type { KubeResource } from "../../kube/types.ts";
import { runtimeClassesDeclaration } from "./declaration.ts";

/** Bears the marks of k0s' own; also one that has been claimed since. */
export function isMarked({ metadata }: KubeResource): boolean {
  return metadata.labels?.[stackLabel] === runtimeClassesDeclaration.stacks[0];
}

interface FieldOwner {
  readonly manager?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
}

/** By whom, for a person; undefined: by nobody but k0s. */
export function claimedBy({ metadata }: KubeResource): string | undefined {
  const { labels = {}, annotations = {}, ownerReferences = [], managedFields = [] } = metadata;
  const release = annotations["meta.helm.sh/release-name"];
  if (release !== undefined) return `Helm's release ${release}`;
  const manager = labels["app.kubernetes.io/managed-by"];
  if (manager !== undefined) return manager;
  const [owner] = ownerReferences as readonly { readonly kind?: string; readonly name?: string }[];
  if (owner !== undefined) return `${owner.kind ?? "an owner"} ${owner.name ?? ""}`;
  if (annotations["kubectl.kubernetes.io/last-applied-configuration"] !== undefined) return "kubectl apply";
  // The handler is what makes a class; nobody else sets it in passing.
  return (managedFields as readonly FieldOwner[]).find(
    (one) => one.manager !== fieldManager && one.fieldsV1?.["f:handler"] !== undefined,
  )?.manager;
}
