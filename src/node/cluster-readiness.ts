// When a single node's cluster is ready for people: its node is Ready and every system pod is. Pure; the waiting is in wait-ready.ts.

import type { KubeResource } from "../kube/types.ts";

interface Condition {
  readonly type: string;
  readonly status: string;
}

export interface NodeObject extends KubeResource {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

export interface PodObject extends KubeResource {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly {
      readonly state?: { readonly waiting?: { readonly reason?: string } };
    }[];
  };
}

export interface Workload extends KubeResource {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly desiredNumberScheduled?: number; readonly observedGeneration?: number };
}

const has = (conditions: readonly Condition[] | undefined, type: string): boolean =>
  (conditions ?? []).some((condition) => condition.type === type && condition.status === "True");

export function isNodeReady(node: NodeObject): boolean {
  return has(node.status?.conditions, "Ready");
}

export function isPodReady(pod: PodObject): boolean {
  return has(pod.status?.conditions, "Ready");
}

/** How many pods a Deployment or DaemonSet wants; undefined while its controller has not looked at it yet. */
export function wantedPods(workload: Workload): number | undefined {
  if (workload.kind === "DaemonSet") {
    return workload.status?.observedGeneration === undefined
      ? undefined
      : workload.status.desiredNumberScheduled;
  }
  return workload.spec?.replicas ?? 1;
}

export interface PodsVerdict {
  readonly ready: number;
  readonly wanted: number;
  /** What to wait for, in words; empty once everything is ready. */
  readonly waitingFor: readonly string[];
}

/** Compares the system workloads with their pods. `expected` names workloads that must exist, e.g. `coredns`. */
export function systemPodsVerdict(
  expected: readonly string[],
  workloads: readonly Workload[],
  pods: readonly PodObject[],
): PodsVerdict {
  const names = new Set(workloads.map((workload) => workload.metadata.name));
  const missing = expected.filter((name) => !names.has(name));
  const live = pods.filter(
    (pod) => pod.metadata.deletionTimestamp === undefined && pod.status?.phase !== "Succeeded",
  );
  const wanted = workloads.reduce((sum, workload) => sum + (wantedPods(workload) ?? 1), 0);
  const waitingFor = [
    ...missing.map((name) => `${name} to be created`),
    ...live.filter((pod) => !isPodReady(pod)).map(describePod),
    ...(live.length < wanted ? [`${wanted - live.length} more pods to be created`] : []),
  ];
  return { ready: live.filter(isPodReady).length, wanted: wanted + missing.length, waitingFor };
}

function describePod(pod: PodObject): string {
  const reason = pod.status?.containerStatuses
    ?.map((status) => status.state?.waiting?.reason)
    .find((text) => text !== undefined);
  const name = pod.metadata.name ?? "a pod";
  return reason === undefined ? name : `${name} (${reason})`;
}
