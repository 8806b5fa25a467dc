// A cluster that counts what k0s asks, and that costs nothing but a line for each: Kubernetes' own programs, nodes and pods, and
// what a load of the bench writes are not looked at.

import { auditArgs, auditPolicyPath } from "../in-machine/audit-log.ts";
import type { BenchNode } from "../node.ts";
import type { Measurement } from "../row.ts";

const policy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
  - level: None
    users: [system:kube-controller-manager, system:kube-scheduler, system:apiserver]
  - { level: None, userGroups: [system:serviceaccounts, system:nodes] }
  - { level: None, namespaces: [default], resources: [{ group: "", resources: [configmaps] }] }
  - level: Metadata
`;

/** Of the configuration, beside what else is in it. */
export const requestsLogApi = { extraArgs: auditArgs };

/** Before the first start. */
export const requestsLog: Measurement<BenchNode> = {
  rows: [],
  always: true,
  measure: async ({ machine }) => {
    await machine.writeFile(auditPolicyPath, policy);
    return new Map();
  },
};
