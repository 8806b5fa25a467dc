// JSON Merge Patch, RFC 7386: mappings are merged, null removes, everything else replaces.

import { isMapping, type Mapping } from "../../std/mapping.ts";

/** The patched copy. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isMapping(patch)) return structuredClone(patch);
  const merged: Mapping = isMapping(target) ? structuredClone(target) : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}
