// The workloads that k0s itself runs in kube-system: a node is judged by these alone, not by what others put there.

import type { Pod } from "../../kube/objects/pod.ts";
import { controllerRole } from "../../roles/controller.ts";
import { everyWorkloadOf } from "../../roles/folds/workloads.ts";

export const systemNamespace = "kube-system";

/** What some configuration deploys; kube-proxy comes from upstream's controllers. */
const systemWorkloads: readonly string[] = [...everyWorkloadOf(controllerRole), "kube-proxy"];

/** Name of the system workload that a pod belongs to; undefined for pods of others. */
export function workloadOf(pod: Pod): string | undefined {
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return undefined;
  // A Deployment owns its pods through a ReplicaSet, whose name is the Deployment's and a hash.
  const name = owner.kind === "ReplicaSet" ? owner.name.replace(/-[^-]+$/, "") : owner.name;
  return systemWorkloads.includes(name) ? name : undefined;
}
