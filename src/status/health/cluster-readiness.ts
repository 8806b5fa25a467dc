// When a node's cluster is ready for people, judged by its present state and not by reports of an earlier run: its
// node is Ready and the system pods on it are, and every workload that k0s deploys is complete. Pure; the watching is in
// observers/cluster.ts.

import { nodeWaitsFor, type OwnNode } from "./node.ts";
import type { Pod } from "../../kube/objects/pod.ts";
import type { Workload } from "../../kube/objects/workload.ts";
import { type PodHealth, podHealth } from "./pods.ts";
import { workloadOf } from "./system-workloads.ts";

export interface ClusterFacts {
  /** Absent on a controller that runs no pods. */
  readonly node?: OwnNode;
  /** The system pods on this node, and those on none yet. */
  readonly pods: readonly Pod[];
  /** The Deployments and DaemonSets of kube-system; absent on workers, which may not see them. */
  readonly workloads?: readonly Workload[];
  /** Names of workloads that must exist, e.g. `coredns`. */
  readonly expected: readonly string[];
  /** Ids of the containers that run on this host now; undefined while the runtime does not answer. */
  readonly running: ReadonlySet<string> | undefined;
  /** When this k0s started. */
  readonly startedAt: Date;
  readonly now: Date;
}

export interface Readiness {
  readonly ready: boolean;
  /** The node of this host, if it has one, is Ready. */
  readonly nodeReady: boolean;
  /** What to wait for, in words; empty when ready. */
  readonly waitingFor: readonly string[];
  /** System pods of this node that are ready. */
  readonly readyPods: number;
}

export function readinessOf(facts: ClusterFacts): Readiness {
  const { node, pods, running } = facts;
  const waitsForNode = node === undefined ? undefined : nodeWaitsFor(node);
  const waitsFirst =
    waitsForNode ?? (node === undefined || running !== undefined ? undefined : "the container runtime");
  if (waitsFirst !== undefined)
    return { ready: false, nodeReady: false, waitingFor: [waitsFirst], readyPods: 0 };
  const healths = pods.map((pod) => ({ pod, health: healthOf(pod, facts) }));
  const waitingFor = [
    ...healths.flatMap(({ pod, health }) =>
      health.kind === "coming" || health.kind === "failing" ? [`${nameOf(pod)} (${health.why})`] : [],
    ),
    ...workloadsWaitFor(facts),
  ];
  const readyPods = healths.filter(({ health }) => health.kind === "ready").length;
  return { ready: waitingFor.length === 0, nodeReady: true, waitingFor, readyPods };
}

export function healthOf(pod: Pod, { node, running, startedAt, now }: ClusterFacts): PodHealth {
  const here = node !== undefined && pod.spec?.nodeName === node.name;
  return podHealth(pod, { running: here ? running : undefined, startedAt, now });
}

/** `coredns (0 of 1 pods ready)`; pods that are there speak for themselves. */
export function workloadsWaitFor({ workloads, expected, pods, node }: ClusterFacts): readonly string[] {
  if (workloads === undefined) return [];
  const seen = new Set(pods.map(workloadOf));
  return expected.flatMap((name) => {
    const workload = workloads.find(({ metadata }) => metadata.name === name);
    if (workload === undefined) return [`${name} to be created`];
    if (workload.kind === "DaemonSet")
      return node === undefined || seen.has(name) ? [] : [`${name} to get a pod on this node`];
    const missing = missingReplicas(workload);
    return missing === undefined ? [] : [`${name} (${missing})`];
  });
}

/** Undefined when a Deployment has what it wants. */
function missingReplicas({ metadata, spec, status = {} }: Workload): string | undefined {
  const wanted = spec?.replicas ?? 1;
  const { observedGeneration = 0, updatedReplicas = 0, readyReplicas = 0 } = status;
  if (observedGeneration < (metadata.generation ?? 0)) return "its controller has not seen it yet";
  const ready = Math.min(updatedReplicas, readyReplicas);
  return ready >= wanted ? undefined : `${ready} of ${wanted} pods ready`;
}

function nameOf({ metadata }: Pod): string {
  return metadata.name ?? "a pod";
}
