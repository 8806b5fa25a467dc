// Stack `bootstraprbac`: what nodes may do before and after they joined, and what they may not.
// Upstream: pkg/component/controller/systemrbac.go.

import type { KubeObject } from "../../kube/types.ts";
import { clusterRole, clusterRoleBinding } from "../../kube/objects/rbac.ts";
import type { Subject } from "../../kube/objects/rbac.ts";

const bootstrappers: Subject = { kind: "Group", name: "system:bootstrappers" };
const nodes: Subject = { kind: "Group", name: "system:nodes" };
const approval = "system:certificates.k8s.io:certificatesigningrequests";

export interface SystemRbacInput {
  readonly autopilot: boolean;
}

export function systemRbac({ autopilot }: SystemRbacInput): KubeObject[] {
  return [
    clusterRoleBinding("kubelet-bootstrap", "system:node-bootstrapper", [bootstrappers]),
    clusterRoleBinding("node-autoapprove-bootstrap", `${approval}:nodeclient`, [bootstrappers]),
    clusterRoleBinding("node-autoapprove-certificate-rotation", `${approval}:selfnodeclient`, [nodes]),
    // kube-proxy is a process beside the kubelet (docs/adr/0010) and uses the kubelet's kubeconfig: one identity a node,
    // one certificate that renews itself. So the role that upstream gives to kube-proxy's service account goes to nodes.
    clusterRoleBinding("k0s:node-proxier", "system:node-proxier", [nodes]),
    ...nodesLeaveControllerLeasesAlone(),
    ...(autopilot ? autopilotRbac() : []),
  ];
}

/**
 * A controller's lease lies, as upstream's, among those of the nodes. A node called `k0s-ctrl-x` could write the lease of
 * controller `x` by the rules of Kubernetes, and k0s would take it for one.
 */
function nodesLeaveControllerLeasesAlone(): readonly KubeObject[] {
  const apiVersion = "admissionregistration.k8s.io/v1";
  const metadata = { name: "k0s-controller-leases" };
  return [
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicy",
      metadata,
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-node-lease" } },
          resourceRules: [
            {
              apiGroups: ["coordination.k8s.io"],
              apiVersions: ["*"],
              operations: ["CREATE", "UPDATE"],
              resources: ["leases"],
            },
          ],
        },
        matchConditions: [{ name: "node", expression: '"system:nodes" in request.userInfo.groups' }],
        validations: [
          {
            expression: '!object.metadata.name.startsWith("k0s-ctrl-")',
            message: "a node must not write the lease of a controller",
          },
        ],
      },
    },
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata,
      spec: { policyName: metadata.name, validationActions: ["Deny"] },
    },
  ];
}

function autopilotRbac(): KubeObject[] {
  const name = "system:nodes:autopilot";
  return [
    clusterRole(name, [
      { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch", "update", "patch"] },
      { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch", "delete"] },
      { apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] },
      { apiGroups: [""], resources: ["namespaces"], resourceNames: ["kube-system"], verbs: ["get"] },
      { apiGroups: ["apps"], resources: ["daemonsets"], verbs: ["get", "list"] },
      { apiGroups: ["autopilot.k0sproject.io"], resources: ["plans"], verbs: ["get", "list", "watch"] },
    ]),
    clusterRoleBinding(name, name, [nodes]),
  ];
}
