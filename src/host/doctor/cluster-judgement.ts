// What is wrong with the system pods and workloads, by the link that each belongs to. Pure.

import { workloadOf } from "../../status/health/system-workloads.ts";
import type { ClusterFacts } from "../../status/health/cluster-readiness.ts";
import { conditionOf } from "../../kube/objects/condition.ts";
import type { Pod } from "../../kube/objects/pod.ts";
import {
  keyOf,
  podProblems,
  type Standing,
  startPatienceMs,
  workloadProblems,
} from "../../status/problems/cluster.ts";
import type { Problem } from "../../status/problems/problem.ts";
import type { ClusterView } from "./cluster-view.ts";
import { type ExaminedNode, startedAt } from "./examined-node.ts";
import type { LinkName } from "./finding.ts";

/** The link that a workload carries; all others are system pods like any. */
const carriers: Readonly<Record<string, LinkName>> = {
  "calico-node": "CNI",
  "kube-router": "CNI",
  coredns: "DNS",
  "konnectivity-agent": "tunnel",
};

/** Of the pods and workloads of one link. */
export function podTroubles(link: LinkName, view: ClusterView, node: ExaminedNode): readonly Problem[] {
  // Before the first node has joined, pods wait for it.
  if (view.nodes.length === 0 && node.nodeName === undefined) return [];
  const facts = clusterFacts(view, node);
  const ofPods = podProblems(facts, standingOf(view.pods, node));
  const named = new Set(ofPods.map(({ about }) => about));
  const ofWorkloads = workloadProblems(facts, () => sinceStart(node)).filter(
    ({ about }) => !named.has(about),
  );
  return [...ofPods, ...ofWorkloads].filter(({ about }) => (carriers[about ?? ""] ?? "system pods") === link);
}

/** The pods of a workload. */
export function podsOf(workload: string, { pods }: ClusterView): readonly Pod[] {
  return pods.filter((pod) => workloadOf(pod) === workload && pod.metadata.deletionTimestamp === undefined);
}

/** On nodes of which kubelet says nothing, what is written of pods is of the past. */
function clusterFacts(view: ClusterView, node: ExaminedNode): ClusterFacts {
  const own = view.nodes.find(({ metadata }) => metadata.name === node.nodeName);
  const silent = new Set(
    view.nodes
      .filter((one) => conditionOf(one, "Ready")?.status === "Unknown")
      .map(({ metadata }) => metadata.name),
  );
  return {
    ...(own === undefined || node.nodeName === undefined
      ? {}
      : { node: { name: node.nodeName, object: own, reported: true, wasThere: true } }),
    pods: view.pods.filter(({ spec }) => !silent.has(spec?.nodeName)),
    ...(view.workloads === undefined ? {} : { workloads: view.workloads }),
    expected: view.expected,
    running: view.running,
    startedAt: startedAt(node) ?? node.now,
    now: node.now,
  };
}

/** For how long a pod has been as it is, by what is written in it. */
function standingOf(pods: readonly Pod[], { now }: ExaminedNode): Standing {
  const since = new Map(pods.map((pod) => [keyOf(pod), standingSince(pod)]));
  return (key) => {
    const at = since.get(key);
    return at === undefined ? 0 : now.getTime() - at;
  };
}

function standingSince(pod: Pod): number {
  const { creationTimestamp } = pod.metadata as { creationTimestamp?: string };
  const ready = conditionOf(pod, "Ready");
  const times = [creationTimestamp, ready?.status === "True" ? undefined : ready?.lastTransitionTime];
  return Math.max(...times.map((text) => Date.parse(text ?? "")).filter((at) => !Number.isNaN(at)), 0);
}

/** A workload does not say for how long it has been incomplete. */
function sinceStart(node: ExaminedNode): number {
  const started = startedAt(node);
  return started === undefined ? startPatienceMs : node.now.getTime() - started.getTime();
}
