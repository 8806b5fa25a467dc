// What a cluster has in kube-system because of a controller: the stacks of k0s and the workloads in them.

import { type Choice, type Declaration, runs } from "../../supervisor/declaration.ts";

/** Names of what a controller with these facts deploys into kube-system. */
export function workloadsOf<Facts extends Choice>(
  role: readonly Declaration<Facts>[],
  facts: Facts,
): readonly string[] {
  return role
    .filter((declaration) => runs(declaration, facts))
    .flatMap(({ workloads = [] }) => workloads)
    .filter(({ when }) => when?.(facts) ?? true)
    .map(({ name }) => name);
}

/** Names of what some configuration deploys. */
export function everyWorkloadOf(role: readonly Declaration[]): readonly string[] {
  return role.flatMap(({ workloads = [] }) => workloads).map(({ name }) => name);
}

/** Folders of manifests that k0s writes, and that are never taken for an operator's: without them pods, names or nodes stop working. */
export function systemStacksOf(role: readonly Declaration[]): ReadonlySet<string> {
  return new Set(role.flatMap(({ stacks = [] }) => stacks));
}
