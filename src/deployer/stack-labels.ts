// The marks by which objects are known as parts of a stack; upstream: pkg/applier/stack.go. Reference §10.2.

import type { KubeObject } from "../kube/types.ts";

/** Holds the name of the stack: the selector for pruning. */
export const stackLabel = "k0s.k0sproject.io/stack";
/** Holds the hash of the object as it was in the manifest: equal means unchanged since the last apply. */
export const checksumAnnotation = "k0s.k0sproject.io/stack-checksum";
/** The owner of our fields in server-side apply. */
export const fieldManager = "k0s";

/** The hash that is kept in the annotation. */
function checksumOf(object: KubeObject): string {
  return new Bun.CryptoHasher("md5").update(JSON.stringify(object)).digest("hex");
}

/** The object as it is sent: with the stack's label and its own checksum. Upstream's last-applied annotation is not needed with server-side apply. */
export function markObject(stack: string, object: KubeObject): KubeObject {
  const { labels, annotations, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...labels, [stackLabel]: stack },
      annotations: { ...annotations, [checksumAnnotation]: checksumOf(object) },
    },
  };
}
