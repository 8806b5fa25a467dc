// What is wrong with the node's part of the cluster: its node and the system pods on it. Pure.

import { type ClusterFacts, healthOf, workloadsWaitFor } from "../health/cluster-readiness.ts";
import { nodeProblems } from "../health/node.ts";
import { type Node, waitsForCloudProvider } from "../../kube/objects/node.ts";
import type { Pod } from "../../kube/objects/pod.ts";
import type { Problem } from "./problem.ts";
import { systemNamespace, workloadOf } from "../health/system-workloads.ts";

/** Longer than any of k0s' own pods needs to start. */
export const startPatienceMs = 60_000;

/** For how long, in milliseconds, something has been as it is. */
export type Standing = (key: string) => number;

export function clusterProblems(facts: ClusterFacts, standing: Standing): Problem[] {
  const { node } = facts;
  const ofNode = node === undefined ? [] : nodeProblems(node);
  // Where kubelet says nothing, what is known of its pods is out of date.
  if (node !== undefined && (node.object === undefined || !node.reported)) return ofNode;
  const ofPods = podProblems(facts, standing);
  return [
    ...ofNode,
    ...providerProblem(node?.object),
    ...ofPods,
    ...(node === undefined || ofPods.length > 0 ? [] : workloadProblems(facts, standing)),
  ];
}

/** Nothing else says why pods on such a node stay pending. */
export function providerProblem(node: Node | undefined): Problem[] {
  if (node === undefined || !waitsForCloudProvider(node)) return [];
  return [
    {
      text: `node ${node.metadata.name ?? ""} waits for a cloud provider, and most pods do not run on it until then`,
      remedy: "deploy one, or start the controllers with --enable-k0s-cloud-provider",
    },
  ];
}

/** Of the system pods that are known. */
export function podProblems(facts: ClusterFacts, standing: Standing): Problem[] {
  return facts.pods.flatMap((pod) =>
    podProblem(pod, facts, standing).map((problem) => ({ ...problem, ...aboutWorkload(workloadOf(pod)) })),
  );
}

/** Of the workloads that have not all their pods. */
export function workloadProblems(facts: ClusterFacts, standing: Standing): Problem[] {
  return workloadsWaitFor(facts)
    .filter((text) => standing(text) >= startPatienceMs)
    .map((text) => ({ text: `waiting for ${text}`, ...aboutWorkload(text.split(" ", 1)[0]) }));
}

function aboutWorkload(about: string | undefined): Pick<Problem, "about"> {
  return about === undefined ? {} : { about };
}

/** What `standing` has to know: by key, everything that is not as it should be. */
export function standingKeys(facts: ClusterFacts): readonly string[] {
  const pods = facts.pods.filter((pod) => {
    const { kind } = healthOf(pod, facts);
    return kind === "coming" || kind === "failing";
  });
  return [...pods.map(keyOf), ...workloadsWaitFor(facts)];
}

function podProblem(pod: Pod, facts: ClusterFacts, standing: Standing): Problem[] {
  const health = healthOf(pod, facts);
  const name = pod.metadata.name ?? "";
  const kubectl = `k0s kubectl -n ${systemNamespace}`;
  const described = `on a controller, \`${kubectl} describe pod ${name}\` says more`;
  if (health.kind === "coming") {
    if (standing(keyOf(pod)) < startPatienceMs) return [];
    return [{ text: `system pod ${name} has not become ready: ${health.why}`, remedy: described }];
  }
  if (health.kind !== "failing") return [];
  switch (health.of) {
    case "program":
      return [
        {
          text: `system pod ${name} ends again and again: ${health.why}`,
          remedy: `on a controller, \`${kubectl} logs ${name} --previous\` says more`,
        },
      ];
    case "image":
      return [
        {
          text: `system pod ${name} has no image: ${health.why}`,
          remedy: "a restart of k0s imports the images that come with it",
        },
      ];
    case "start":
      return [{ text: `system pod ${name} cannot start: ${health.why}`, remedy: described }];
  }
}

/** By which `standing` knows a pod. */
export function keyOf({ metadata }: Pod): string {
  return metadata.uid ?? `${metadata.namespace ?? ""}/${metadata.name ?? ""}`;
}
