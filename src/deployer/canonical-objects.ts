// What an object is called by the server, whatever its manifest says: kubectl and the API server ignore a namespace on a
// kind that has none, and read a missing one as `default`. Everything that compares objects goes through here first.

import type { Discovery } from "../kube/discovery.ts";
import { isKubeError } from "../kube/errors.ts";
import type { ApiResource, KubeObject } from "../kube/types.ts";

export interface CanonicalObjects {
  readonly objects: readonly KubeObject[];
  /** Some kinds are not served (yet): what their objects are called is not known, so nothing may be inferred from absence. */
  readonly complete: boolean;
}

/** Rejects when the server cannot be asked. Objects of unknown kinds stay as they are. */
export async function canonicalObjects(
  discovery: Discovery,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<CanonicalObjects> {
  const result: KubeObject[] = [];
  let complete = true;
  for (const object of objects) {
    const resource = await servedAs(discovery, object, signal);
    if (resource === undefined) complete = false;
    result.push(resource === undefined ? object : canonicalObject(object, resource));
  }
  return { objects: result, complete };
}

/** `resource` decides about the namespace. */
export function canonicalObject(
  object: KubeObject,
  { namespaced }: Pick<ApiResource, "namespaced">,
): KubeObject {
  const { namespace, ...metadata } = object.metadata;
  if (!namespaced) return namespace === undefined ? object : { ...object, metadata };
  if (namespace !== undefined && namespace !== "") return object;
  return { ...object, metadata: { ...metadata, namespace: "default" } };
}

async function servedAs(
  discovery: Discovery,
  object: KubeObject,
  signal: AbortSignal,
): Promise<ApiResource | undefined> {
  try {
    return await discovery.resolve({ apiVersion: object.apiVersion, kind: object.kind }, signal);
  } catch (err) {
    if (isKubeError(err, "NoKindMatch")) return undefined;
    throw err;
  }
}
