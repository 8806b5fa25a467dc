// Section 5: what runs in the cluster, and what may.

import type { CisCheck, Look } from "./look.ts";
import { is } from "./want.ts";

/** Asked of a running cluster by `questions` in facts.ts. */
const nobodyMay = (what: string): Look => ({
  by: "question",
  question: `whether everybody who has logged in may ${what}`,
  want: is("no"),
});
const ownRoles = (what: string): Look => ({
  by: "question",
  question: `roles that k0s adds with ${what}`,
  want: is("none"),
});
const pod = (what: string): Look => ({ by: "pod", pod: what });

const yours = "yours: a question of what runs in the cluster";
const restricted =
  "baseline does not ask for it, and only warns; `spec.security.podSecurity.enforce: restricted`, or a label of the namespace";

export const policyChecks: readonly CisCheck[] = [
  {
    id: "5.1.1",
    about: "few have all rights",
    looks: [
      { by: "question", question: "bindings to cluster-admin besides Kubernetes' own", want: is("none") },
    ],
  },
  { id: "5.1.2", about: "few read Secrets", looks: [nobodyMay("list secrets")] },
  {
    id: "5.1.3",
    about: "no wildcards in roles",
    looks: [ownRoles("a wildcard")],
    open: "Kubernetes' own roles, as cluster-admin, have them; none that k0s adds has",
    partly: true,
  },
  { id: "5.1.4", about: "few make pods", looks: [nobodyMay("create pods")] },
  {
    id: "5.1.5",
    about: "default service accounts give no tokens",
    looks: [{ by: "question", question: "default service accounts that mount tokens", want: is("none") }],
    open: "Kubernetes makes one in each namespace; set `automountServiceAccountToken: false` on it where pods do not ask the API",
  },
  { id: "5.1.6", about: "tokens only where they are needed", looks: [], open: yours },
  {
    id: "5.1.7",
    about: "nobody in system:masters",
    looks: [],
    open: "`admin.conf` and kube-apiserver's client of kubelets are; give people others, by `k0s kubeconfig create` or an issuer",
  },
  {
    id: "5.1.8",
    about: "few may bind, impersonate, escalate",
    looks: [nobodyMay("impersonate users"), ownRoles("bind, impersonate or escalate")],
  },
  { id: "5.1.9", about: "few make volumes", looks: [nobodyMay("create persistentvolumes")] },
  { id: "5.1.10", about: "few reach nodes through the API", looks: [nobodyMay("get nodes/proxy")] },
  {
    id: "5.1.11",
    about: "few approve certificates",
    looks: [nobodyMay("update certificatesigningrequests/approval")],
  },
  {
    id: "5.1.12",
    about: "few change webhooks",
    looks: [
      nobodyMay("create validatingwebhookconfigurations"),
      nobodyMay("create mutatingwebhookconfigurations"),
    ],
  },
  { id: "5.1.13", about: "few make tokens", looks: [nobodyMay("create serviceaccounts/token")] },
  {
    id: "5.2.1",
    about: "pods are looked at",
    looks: [pod("a privileged container")],
  },
  { id: "5.2.2", about: "no privileged containers", looks: [pod("a privileged container")] },
  { id: "5.2.3", about: "no processes of the host", looks: [pod("hostPID")] },
  { id: "5.2.4", about: "no IPC of the host", looks: [pod("hostIPC")] },
  { id: "5.2.5", about: "no network of the host", looks: [pod("hostNetwork")] },
  {
    id: "5.2.6",
    about: "no gain of rights",
    looks: [pod("allowPrivilegeEscalation")],
    open: restricted,
  },
  { id: "5.2.7", about: "no root", looks: [pod("root")], open: restricted },
  {
    id: "5.2.8",
    about: "no NET_RAW",
    looks: [pod("NET_RAW added")],
    open: `one that asks for it is refused, and a container has it by default; ${restricted}`,
    partly: true,
  },
  {
    id: "5.2.9",
    about: "no capabilities",
    looks: [pod("SYS_ADMIN added")],
    open: `those beyond the default ones are refused; ${restricted}`,
    partly: true,
  },
  { id: "5.2.10", about: "no processes of a Windows host", looks: [pod("hostProcess")] },
  { id: "5.2.11", about: "no paths of the host", looks: [pod("hostPath")] },
  { id: "5.2.12", about: "no ports of the host", looks: [pod("hostPort")] },
  {
    id: "5.3.1",
    about: "the network knows NetworkPolicies",
    looks: [],
    open: "Calico and kube-router do; with `provider: custom` it is yours",
  },
  { id: "5.3.2", about: "each namespace has NetworkPolicies", looks: [], open: yours },
  { id: "5.4.1", about: "Secrets as files, not as variables", looks: [], open: yours },
  { id: "5.4.2", about: "Secrets outside of the cluster", looks: [], open: yours },
  {
    id: "5.5.1",
    about: "where images come from",
    looks: [],
    open: "yours: ImagePolicyWebhook, with `spec.security.admissionConfigFile`",
  },
  { id: "5.6.1", about: "namespaces", looks: [], open: yours },
  {
    id: "5.6.2",
    about: "a profile of seccomp",
    looks: [{ by: "kubelet", field: "seccompDefault", want: is("true") }],
  },
  { id: "5.6.3", about: "a securityContext in pods", looks: [], open: yours },
  { id: "5.6.4", about: "nothing in namespace default", looks: [], open: yours },
];
