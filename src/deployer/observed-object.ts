// An object of a stack as the cluster has it, reduced to what the deployer needs to decide: a sweep keeps nothing else.

import { refOf } from "../kube/types.ts";
import type { KubeObject, KubeResource, ObjectRef } from "../kube/types.ts";
import {
  checksumAnnotation,
  driftAnnotation,
  fieldManager,
  originAnnotation,
  stackLabel,
  writeAnnotation,
} from "./stack-labels.ts";

export interface ObservedObject {
  /** As the server names it. */
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Empty when it carries no label of a stack. */
  readonly stack: string;
  readonly checksum: string | undefined;
  readonly origin: string | undefined;
  /** Which write created it, if a k0s did that from a folder. */
  readonly writeId: string | undefined;
  /** Others go with it or it goes with them: it has owners. */
  readonly owned: boolean;
  readonly deleting: boolean;
  /** k0s itself has set the stack's label: it was not copied by somebody else. */
  readonly labelIsOurs: boolean;
  /** Its user wants changes by others to stay. */
  readonly driftIsFine: boolean;
  /** Changes when somebody takes one of our fields, or when we apply others; not when somebody adds fields of their own. */
  readonly ownFields: string;
}

interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly fieldsV1?: { readonly "f:metadata"?: { readonly "f:labels"?: Readonly<Record<string, unknown>> } };
}

/** `object` as the server returned it, whole or metadata only. */
export function observedObject(object: KubeResource | KubeObject): ObservedObject {
  const { metadata } = object;
  const own = ownEntries(metadata.managedFields ?? []);
  return {
    ref: refOf(object),
    uid: metadata.uid ?? "",
    resourceVersion: metadata.resourceVersion ?? "",
    stack: metadata.labels?.[stackLabel] ?? "",
    checksum: metadata.annotations?.[checksumAnnotation],
    origin: metadata.annotations?.[originAnnotation],
    writeId: metadata.annotations?.[writeAnnotation],
    owned: (metadata.ownerReferences ?? []).length > 0,
    deleting: metadata.deletionTimestamp !== undefined,
    labelIsOurs: own.some(
      ({ fieldsV1 }) => fieldsV1?.["f:metadata"]?.["f:labels"]?.[`f:${stackLabel}`] !== undefined,
    ),
    driftIsFine: metadata.annotations?.[driftAnnotation] === "false",
    ownFields: Bun.hash(JSON.stringify(own.map(({ operation, fieldsV1 }) => [operation, fieldsV1]))).toString(
      36,
    ),
  };
}

/** Equal as long as nobody has changed what we applied. */
export function fingerprintOf({ uid, stack, checksum, origin, ownFields }: ObservedObject): string {
  return Bun.hash(JSON.stringify([uid, stack, checksum, origin, ownFields])).toString(36);
}

function ownEntries(managedFields: readonly unknown[]): ManagedFieldsEntry[] {
  return (managedFields as ManagedFieldsEntry[]).filter(
    ({ manager, subresource }) => manager === fieldManager && (subresource ?? "") === "",
  );
}
