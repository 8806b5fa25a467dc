// Labels and taints that a node is to register with, as kubelet would refuse them later.
// Upstream: k8s.io/kubernetes/cmd/kubelet/app/options, k8s.io/kubernetes/pkg/util/taints.

import { isForbiddenNodeLabel, labelKeyProblem, labelValueProblem } from "./kubernetes-names.ts";

/** Why kubelet would not start with these labels; undefined if it would. */
export function nodeLabelsProblem(labels: readonly (readonly [string, string])[]): string | undefined {
  for (const [key, value] of labels) {
    const problem = nodeLabelProblem(key, value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Says which labels had other values before the one that counts for kubelet. */
export function overriddenLabels(labels: readonly (readonly [string, string])[]): readonly string[] {
  const seen = new Map<string, string>();
  return labels.flatMap(([key, value]) => {
    const before = seen.get(key);
    seen.set(key, value);
    if (before === undefined || before === value) return [];
    return [`the label ${key} is given twice: ${before} and ${value}; the last one counts`];
  });
}

function nodeLabelProblem(key: string, value: string): string | undefined {
  const ofKey = labelKeyProblem(key);
  if (ofKey !== undefined) return `the label key ${JSON.stringify(key)} ${ofKey}`;
  const ofValue = labelValueProblem(value);
  if (ofValue !== undefined) return `the value ${JSON.stringify(value)} of the label ${key} ${ofValue}`;
  if (!isForbiddenNodeLabel(key)) return undefined;
  return `a node may not give itself the label ${key}: set it with \`k0s kubectl label node\` once the node is there`;
}

export interface NodeTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** Why a node could not register with these taints; undefined if it could. */
export function taintsProblem(taints: readonly NodeTaint[]): string | undefined {
  const seen = new Set<string>();
  for (const { key, value = "", effect } of taints) {
    const ofKey = labelKeyProblem(key);
    if (ofKey !== undefined) return `the taint key ${JSON.stringify(key)} ${ofKey}`;
    const ofValue = labelValueProblem(value);
    if (ofValue !== undefined) return `the value ${JSON.stringify(value)} of the taint ${key} ${ofValue}`;
    if (seen.has(`${key}:${effect}`)) return `the taint ${key} is given twice with the effect ${effect}`;
    seen.add(`${key}:${effect}`);
  }
  return undefined;
}
