import type { KubeResource } from "../types.ts";
import type { Condition } from "./condition.ts";

export const nodeKind = { apiVersion: "v1", kind: "Node" } as const;

/** Of labels that say which runtimes pods can use on a node. */
export const runtimeLabelPrefix = "k0s.k0sproject.io/runtime-";

export interface NodeTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

export interface NodeAddress {
  readonly type: string;
  readonly address: string;
}

export interface Node extends KubeResource {
  readonly spec?: {
    readonly providerID?: string;
    readonly taints?: readonly NodeTaint[];
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    /** Written by the kubelet itself, or by a cloud provider where there is one. */
    readonly addresses?: readonly NodeAddress[];
  };
}

/** On the Node of a kubelet that waits for a cloud provider, from its registration on. */
export const uninitializedTaint = "node.cloudprovider.kubernetes.io/uninitialized";

/** Until then only pods that tolerate it run there. */
export function waitsForCloudProvider({ spec }: Node): boolean {
  return (spec?.taints ?? []).some(({ key }) => key === uninitializedTaint);
}
