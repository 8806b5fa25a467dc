import type { KubeResource } from "../types.ts";

/** A Deployment or DaemonSet. */
export interface Workload extends KubeResource {
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
  };
}
