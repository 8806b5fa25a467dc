// The fields of Kubernetes objects by which a node tells whether its cluster works.

import type { KubeResource } from "../../kube/types.ts";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  /** RFC 3339. */
  readonly lastTransitionTime?: string;
  /** RFC 3339; of nodes only. */
  readonly lastHeartbeatTime?: string;
}

export interface NodeObject extends KubeResource {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: object;
  readonly terminated?: {
    readonly exitCode?: number;
    readonly reason?: string;
    readonly message?: string;
    /** RFC 3339. */
    readonly startedAt?: string;
  };
}

export interface ContainerStatus {
  /** `containerd://…`; absent before the first start. */
  readonly containerID?: string;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

export interface PodObject extends KubeResource {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** A Deployment or DaemonSet. */
export interface Workload extends KubeResource {
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
  };
}

export function conditionOf(
  object: { readonly status?: { readonly conditions?: readonly Condition[] } },
  type: string,
): Condition | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type);
}

export function isTrue(
  object: { readonly status?: { readonly conditions?: readonly Condition[] } },
  type: string,
): boolean {
  return conditionOf(object, type)?.status === "True";
}
