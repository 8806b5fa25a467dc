import type { KubeResource } from "../types.ts";
import type { Condition } from "./condition.ts";

export const podKind = { apiVersion: "v1", kind: "Pod" } as const;

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

export interface Pod extends KubeResource {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}
