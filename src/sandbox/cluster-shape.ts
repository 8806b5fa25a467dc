// Which machines a throw-away cluster has, and what k0s does on each. Pure.

import { UserError } from "../std/errors.ts";

export interface ClusterShape {
  readonly controllers: number;
  readonly workers: number;
}

export interface PlannedNode {
  readonly machine: string;
  readonly role: "controller" | "worker";
  /** Arguments of `k0s controller` or `k0s worker`. */
  readonly args: readonly string[];
}

export interface ClusterPlan {
  readonly first: PlannedNode;
  readonly others: readonly PlannedNode[];
  /** Whether any machine runs pods. */
  readonly single: boolean;
}

/** One controller alone is a single node; controllers without workers run the pods themselves. */
export function planCluster(name: string, { controllers, workers }: ClusterShape): ClusterPlan {
  if (controllers < 1) {
    throw new UserError("a cluster needs a controller", {
      hint: "Use --controllers 1 or more.",
      code: "bad-shape",
    });
  }
  if (controllers === 1 && workers === 0) {
    return { first: { machine: name, role: "controller", args: ["--single"] }, others: [], single: true };
  }
  const args = workers === 0 ? ["--enable-worker", "--no-taints"] : [];
  const nodes = [
    ...Array.from({ length: controllers }, (_, index) => node("controller", index, args)),
    ...Array.from({ length: workers }, (_, index) => node("worker", index, [])),
  ];
  const [first = node("controller", 0, args), ...others] = nodes;
  return { first, others, single: false };
}

/** Several controllers only help workers that know all of them. */
export function defaultConfig({ controllers }: ClusterShape): string | undefined {
  if (controllers === 1) return undefined;
  return `apiVersion: k0s.k0sproject.io/v1beta1
kind: ClusterConfig
metadata: {name: k0s}
spec: {network: {nodeLocalLoadBalancing: {enabled: true}}}
`;
}

function node(role: PlannedNode["role"], index: number, args: readonly string[]): PlannedNode {
  return { machine: `${role}${index}`, role, args };
}
