// The audit policy of a cluster whose administrator has given none: who did what to which object, and never a body that may
// hold a secret. docs/adr/0076.

import { clientSubjects } from "../../pki/cluster-spec.ts";
import { dumpYaml } from "../../std/yaml.ts";

/** Asked all the time by what the cluster consists of, and of no interest to anybody. */
const silent: readonly object[] = [
  {
    level: "None",
    nonResourceURLs: ["/healthz*", "/livez*", "/readyz*", "/version", "/openapi*", "/metrics"],
  },
  {
    level: "None",
    resources: [
      { group: "", resources: ["events"] },
      { group: "events.k8s.io", resources: ["events"] },
    ],
  },
  { level: "None", resources: [{ group: "coordination.k8s.io", resources: ["leases"] }] },
  {
    level: "None",
    users: [clientSubjects.scheduler, clientSubjects.manager, "system:apiserver"],
    verbs: ["get", "list", "watch"],
    resources: notSecrets(),
  },
  { level: "None", userGroups: ["system:nodes"], verbs: ["get", "list", "watch"], resources: notSecrets() },
];

/** Groups whose objects the cluster's own parts follow; secrets and config maps are in the first one, and left out. */
function notSecrets(): readonly object[] {
  return [
    {
      group: "",
      resources: ["nodes", "nodes/status", "pods", "pods/status", "services", "endpoints", "namespaces"],
    },
    { group: "apps" },
    { group: "batch" },
    { group: "discovery.k8s.io" },
    { group: "node.k8s.io" },
    { group: "policy" },
    { group: "storage.k8s.io" },
    { group: "resource.k8s.io" },
  ];
}

const rules: readonly object[] = [
  ...silent,
  // Who may do what is worth knowing in full, and holds no secret.
  {
    level: "Request",
    verbs: ["create", "update", "patch", "delete", "deletecollection"],
    resources: [{ group: "rbac.authorization.k8s.io" }],
  },
  // Anything else, secrets, tokens and the resources of others among it: no body.
  { level: "Metadata" },
];

export function defaultAuditPolicy(): string {
  return dumpYaml({
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    omitManagedFields: true,
    rules,
  });
}
