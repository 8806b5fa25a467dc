// The marks by which objects are known as parts of a stack. Upstream: pkg/applier/stack.go. Where an object comes from is
// marked beside upstream's: a label can be copied, see docs/adr/0042.

import type { KubeObject, KubeResource } from "../kube/types.ts";

/** Holds the name of the stack: the selector for pruning. */
export const stackLabel = "k0s.k0sproject.io/stack";
/** Holds the hash of the object as it was in the manifest: equal means unchanged since the last apply. */
export const checksumAnnotation = "k0s.k0sproject.io/stack-checksum";
/** Holds the origin of the object as it is now, see `folderOrigin` and `generatedOrigin`. */
export const originAnnotation = "k0s.k0sproject.io/stack-origin";
/** Holds the id of the k0s that was about to create the object, see stack-record.ts; stays as long as the object. */
export const writeAnnotation = "k0s.k0sproject.io/stack-write";
/** For users: `"false"` on an object leaves what others change on it alone, until its manifest changes. */
export const driftAnnotation = "k0s.k0sproject.io/correct-drift";
/** The owner of our fields in server-side apply. */
export const fieldManager = "k0s";

/** The object comes from a manifest folder of this controller. */
export function folderOrigin(hostId: string): string {
  return `folder/${hostId}`;
}

/** k0s has made the object's manifest itself. Names the object, so that a copy under another name is told apart. */
export function generatedOrigin({ kind, metadata }: KubeResource): string {
  return `generated/${kind}/${metadata.namespace ?? ""}/${metadata.name ?? ""}`;
}

/** The hash that is kept in the annotation. */
function checksumOf(object: KubeObject): string {
  return new Bun.CryptoHasher("md5").update(JSON.stringify(object)).digest("hex");
}

/** The object as it is sent: with the stack's label, its own checksum and its origin. Upstream's last-applied annotation is not needed with server-side apply. */
export function markObject(stack: string, object: KubeObject, origin: string): KubeObject {
  const { labels, annotations, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...labels, [stackLabel]: stack },
      annotations: {
        ...annotations,
        [checksumAnnotation]: checksumOf(object),
        [originAnnotation]: origin,
      },
    },
  };
}

/** The object with the id of the write that creates it, or that created it once. */
export function withWriteId(object: KubeObject, id: string | undefined): KubeObject {
  if (id === undefined) return object;
  const { annotations, ...metadata } = object.metadata;
  return { ...object, metadata: { ...metadata, annotations: { ...annotations, [writeAnnotation]: id } } };
}
