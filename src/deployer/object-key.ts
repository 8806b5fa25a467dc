// Identifies an object over all versions of its API. Only useful for objects that bear the server's names.

import { groupOf } from "../kube/types.ts";
import type { ObjectRef } from "../kube/types.ts";

export function objectKey(ref: ObjectRef): string {
  return `${groupOf(ref.apiVersion)}|${ref.kind}|${ref.namespace ?? ""}|${ref.name}`;
}
