// Every check of the CIS Kubernetes benchmark 1.12, with how it is looked at on a node with `hardening: cis`.

import { controlPlaneChecks } from "./control-plane.ts";
import type { CisCheck } from "./look.ts";
import { nodeChecks } from "./node.ts";
import { policyChecks } from "./policies.ts";

export const cisChecks: readonly CisCheck[] = [...controlPlaneChecks, ...nodeChecks, ...policyChecks];

/** How many checks each section of the benchmark has. */
export const cisSections: readonly (readonly [section: string, checks: number])[] = [
  ["1.1", 21],
  ["1.2", 30],
  ["1.3", 7],
  ["1.4", 2],
  ["2", 7],
  ["3.1", 3],
  ["3.2", 2],
  ["4.1", 10],
  ["4.2", 14],
  ["4.3", 1],
  ["5.1", 13],
  ["5.2", 12],
  ["5.3", 2],
  ["5.4", 2],
  ["5.5", 1],
  ["5.6", 4],
];
