// A single node in the hands of a test.

import type { NodePlan } from "./cluster.ts";

/** Pods come and go by our will only, also where the disk that all machines share is rather full. */
export const noEviction = "--kubelet-extra-args=--eviction-hard=nodefs.available<1%,imagefs.available<1%";

/** Of `k0s controller`. */
export const singleNodeArgs: readonly string[] = ["--single", noEviction];

/** Has started when k0s says that its cluster is ready; the images of the tests' pods are there. */
export function singleNode(plan: Partial<NodePlan> = {}): NodePlan {
  return { name: "single", args: singleNodeArgs, until: "cluster", demoImages: true, ...plan };
}
