import type { KubeResource } from "../types.ts";
import type { Condition } from "./condition.ts";

export const nodeKind = { apiVersion: "v1", kind: "Node" } as const;

export interface Node extends KubeResource {
  readonly status?: {
    readonly conditions?: readonly Condition[];
    /** Written by the kubelet itself. */
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
  };
}
