// A RuntimeClass for each runtime that nodes of the cluster offer.

import { runtimeLabelPrefix } from "../../kube/objects/node.ts";
import type { KubeObject } from "../../kube/types.ts";

export const runtimeClassKind = { apiVersion: "node.k8s.io/v1", kind: "RuntimeClass" } as const;

/** Its pods come to nodes that have the runtime. */
export function runtimeClass(name: string): KubeObject {
  return {
    ...runtimeClassKind,
    metadata: { name },
    handler: name,
    scheduling: { nodeSelector: { [runtimeLabelPrefix + name]: "true" } },
  };
}
