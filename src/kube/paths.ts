// URL paths of Kubernetes resources.

import { groupOf } from "./types.ts";
import type { ApiResource } from "./types.ts";

/** `/api/v1` or `/apis/<group>/<version>`. */
function groupVersionPath(apiVersion: string): string {
  return groupOf(apiVersion) === "" ? `/api/${apiVersion}` : `/apis/${apiVersion}`;
}

export interface ResourcePathParts {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** Path of a collection, of one object, or of its subresource. A namespace given for a cluster-scoped kind is an error of the caller. */
export function resourcePath(
  resource: Pick<ApiResource, "apiVersion" | "plural" | "namespaced">,
  parts: ResourcePathParts = {},
): string {
  const { namespace, name, subresource } = parts;
  const segments = [groupVersionPath(resource.apiVersion)];
  if (resource.namespaced && namespace !== undefined)
    segments.push("namespaces", encodeURIComponent(namespace));
  segments.push(resource.plural);
  if (name !== undefined) segments.push(encodeURIComponent(name));
  if (subresource !== undefined) segments.push(subresource);
  return segments.join("/");
}

export type QueryValue = string | number | boolean | undefined;

/** `?a=1&b=2` without the values that are undefined; empty when none is left. */
export function queryString(values: Readonly<Record<string, QueryValue>>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) params.set(key, String(value));
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}
