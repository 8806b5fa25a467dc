// Section 1: files and processes of the control plane.

import type { CisCheck, CisProcess, Look, Want } from "./look.ts";
import { absent, atLeast, given, has, hasNot, is, notOr, strongCiphers } from "./want.ts";

const pki = "/var/lib/k0s/pki";
const ownUser = (name: string): string =>
  `it belongs to ${name}, the user of the process that reads it, so that no other process of the control plane can`;

export const argument = (of: CisProcess, flag: string, want: Want): Look => ({
  by: "argument",
  of,
  flag,
  want,
});
const api = (flag: string, want: Want): Look => argument("kube-apiserver", flag, want);
const manager = (flag: string, want: Want): Look => argument("kube-controller-manager", flag, want);
const noManifests: Look = { by: "no file", path: "/etc/kubernetes/manifests" };

const manifests = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"].flatMap(
  (name, index): CisCheck[] => [
    { id: `1.1.${2 * index + 1}`, about: `mode of the pod manifest of ${name}`, looks: [noManifests] },
    { id: `1.1.${2 * index + 2}`, about: `owner of the pod manifest of ${name}`, looks: [noManifests] },
  ],
);

const files: readonly CisCheck[] = [
  ...manifests,
  {
    id: "1.1.9",
    about: "mode of CNI's files",
    looks: [{ by: "files", files: "/etc/cni/net.d/*.conflist", most: 0o600 }],
    open: "Calico's installer gives it 0644; nothing in it is secret, and the kubeconfig beside it has 0600",
  },
  {
    id: "1.1.10",
    about: "owner of CNI's files",
    looks: [{ by: "files", files: "/etc/cni/net.d/*", owner: "root:root" }],
  },
  {
    id: "1.1.11",
    about: "mode of etcd's data",
    looks: [{ by: "files", files: "/var/lib/k0s/etcd", most: 0o700 }],
  },
  {
    id: "1.1.12",
    about: "owner of etcd's data",
    looks: [{ by: "files", files: "/var/lib/k0s/etcd", owner: "etcd:etcd" }],
    open: "it belongs to user etcd and to root's group, for which mode 0700 has nothing",
  },
  {
    id: "1.1.13",
    about: "mode of the administrator's kubeconfig",
    looks: [{ by: "files", files: `${pki}/admin.conf`, most: 0o600 }],
  },
  {
    id: "1.1.14",
    about: "owner of the administrator's kubeconfig",
    looks: [{ by: "files", files: `${pki}/admin.conf`, owner: "root:root" }],
  },
  {
    id: "1.1.15",
    about: "mode of kube-scheduler's kubeconfig",
    looks: [{ by: "files", files: `${pki}/scheduler.conf`, most: 0o600 }],
  },
  {
    id: "1.1.16",
    about: "owner of kube-scheduler's kubeconfig",
    looks: [{ by: "files", files: `${pki}/scheduler.conf`, owner: "root:root" }],
    open: ownUser("kube-scheduler"),
  },
  {
    id: "1.1.17",
    about: "mode of kube-controller-manager's kubeconfig",
    looks: [{ by: "files", files: `${pki}/ccm.conf`, most: 0o600 }],
  },
  {
    id: "1.1.18",
    about: "owner of kube-controller-manager's kubeconfig",
    looks: [{ by: "files", files: `${pki}/ccm.conf`, owner: "root:root" }],
    open: ownUser("kube-controller-manager"),
  },
  {
    id: "1.1.19",
    about: "owner of keys and certificates",
    looks: [{ by: "files", files: `${pki}/**`, owner: "root:root" }],
    open: "each key belongs to the user of the process that reads it, not to root: [isolation.md](isolation.md)",
  },
  {
    id: "1.1.20",
    about: "mode of certificates",
    looks: [{ by: "files", files: `${pki}/**/*.crt`, most: 0o644 }],
  },
  {
    id: "1.1.21",
    about: "mode of keys",
    looks: [{ by: "files", files: `${pki}/**/*.key`, most: 0o600 }],
    open: "they have 0640, because kube-apiserver and kube-controller-manager, in root's group, read them under users of their own",
  },
];

const plugins = (want: Want): Look => api("enable-admission-plugins", want);

const server: readonly CisCheck[] = [
  { id: "1.2.1", about: "no requests without a name", looks: [api("anonymous-auth", is("false"))] },
  { id: "1.2.2", about: "no file of tokens", looks: [api("token-auth-file", absent)] },
  {
    id: "1.2.3",
    about: "no external addresses of Services",
    looks: [plugins(has("DenyServiceExternalIPs"))],
  },
  {
    id: "1.2.4",
    about: "a client certificate for kubelets",
    looks: [api("kubelet-client-certificate", given), api("kubelet-client-key", given)],
  },
  {
    id: "1.2.5",
    about: "kubelets' certificates are verified",
    looks: [api("kubelet-certificate-authority", given)],
  },
  {
    id: "1.2.6",
    about: "not everything is allowed",
    looks: [api("authorization-mode", hasNot("AlwaysAllow"))],
  },
  { id: "1.2.7", about: "nodes may do what nodes do", looks: [api("authorization-mode", has("Node"))] },
  { id: "1.2.8", about: "roles", looks: [api("authorization-mode", has("RBAC"))] },
  { id: "1.2.9", about: "events are limited", looks: [plugins(has("EventRateLimit"))] },
  { id: "1.2.10", about: "admission looks at requests", looks: [plugins(hasNot("AlwaysAdmit"))] },
  {
    id: "1.2.11",
    about: "images are always pulled",
    looks: [plugins(has("AlwaysPullImages"))],
    open: "each start of a pod would need a registry, so nodes without one, and images from bundles, would not work; turn it on with `spec.api.extraArgs.enable-admission-plugins`",
  },
  {
    id: "1.2.12",
    about: "pods have service accounts",
    looks: [api("disable-admission-plugins", hasNot("ServiceAccount"))],
  },
  {
    id: "1.2.13",
    about: "nothing is made in a namespace that goes",
    looks: [api("disable-admission-plugins", hasNot("NamespaceLifecycle"))],
  },
  {
    id: "1.2.14",
    about: "a kubelet changes its own node alone",
    looks: [plugins(has("NodeRestriction"))],
  },
  { id: "1.2.15", about: "no profiles of the server", looks: [api("profiling", is("false"))] },
  { id: "1.2.16", about: "audit: where", looks: [api("audit-log-path", given)] },
  { id: "1.2.17", about: "audit: days", looks: [api("audit-log-maxage", atLeast(30))] },
  { id: "1.2.18", about: "audit: old files", looks: [api("audit-log-maxbackup", atLeast(10))] },
  { id: "1.2.19", about: "audit: size of a file", looks: [api("audit-log-maxsize", atLeast(100))] },
  {
    id: "1.2.20",
    about: "how long a request may take",
    looks: [api("request-timeout", absent)],
    open: "Kubernetes' minute is kept, as the benchmark recommends; another one is `spec.api.extraArgs.request-timeout`",
    partly: true,
  },
  {
    id: "1.2.21",
    about: "a token of a deleted service account is worth nothing",
    looks: [api("service-account-lookup", is("true"))],
  },
  {
    id: "1.2.22",
    about: "a key of its own for service accounts",
    looks: [api("service-account-key-file", given)],
  },
  {
    id: "1.2.23",
    about: "a client certificate for etcd",
    looks: [api("etcd-certfile", given), api("etcd-keyfile", given)],
  },
  { id: "1.2.24", about: "TLS", looks: [api("tls-cert-file", given), api("tls-private-key-file", given)] },
  { id: "1.2.25", about: "clients are verified", looks: [api("client-ca-file", given)] },
  { id: "1.2.26", about: "etcd is verified", looks: [api("etcd-cafile", given)] },
  {
    id: "1.2.27",
    about: "Secrets are encrypted at rest",
    looks: [api("encryption-provider-config", given)],
  },
  {
    id: "1.2.28",
    about: "with what",
    looks: [
      {
        by: "text",
        file: `${pki}/encryption.yaml`,
        pattern: /providers:\s*-\s*secretbox:/,
        says: "has secretbox first",
      },
    ],
  },
  { id: "1.2.29", about: "ciphers", looks: [api("tls-cipher-suites", strongCiphers)] },
  {
    id: "1.2.30",
    about: "tokens of pods end after their hour",
    looks: [api("service-account-extend-token-expiration", is("false"))],
  },
];

const others: readonly CisCheck[] = [
  {
    id: "1.3.1",
    about: "pods that have ended are removed",
    looks: [manager("terminated-pod-gc-threshold", given)],
  },
  { id: "1.3.2", about: "no profiles of the controllers", looks: [manager("profiling", is("false"))] },
  {
    id: "1.3.3",
    about: "each controller has rights of its own",
    looks: [manager("use-service-account-credentials", is("true"))],
  },
  {
    id: "1.3.4",
    about: "a key of its own for service accounts",
    looks: [manager("service-account-private-key-file", given)],
  },
  { id: "1.3.5", about: "pods know the API's authority", looks: [manager("root-ca-file", given)] },
  {
    id: "1.3.6",
    about: "kubelets' certificates are renewed",
    looks: [manager("feature-gates", hasNot("RotateKubeletServerCertificate=false"))],
  },
  { id: "1.3.7", about: "it listens on loopback", looks: [manager("bind-address", is("127.0.0.1"))] },
  {
    id: "1.4.1",
    about: "no profiles of the scheduler",
    looks: [argument("kube-scheduler", "profiling", is("false"))],
  },
  {
    id: "1.4.2",
    about: "it listens on loopback",
    looks: [argument("kube-scheduler", "bind-address", is("127.0.0.1"))],
  },
];

const etcd = (flag: string, want: Want): Look => argument("etcd", flag, want);

const datastore: readonly CisCheck[] = [
  { id: "2.1", about: "TLS", looks: [etcd("cert-file", given), etcd("key-file", given)] },
  { id: "2.2", about: "clients are verified", looks: [etcd("client-cert-auth", is("true"))] },
  { id: "2.3", about: "no certificates that it signs itself", looks: [etcd("auto-tls", notOr("true"))] },
  {
    id: "2.4",
    about: "TLS between members",
    looks: [etcd("peer-cert-file", given), etcd("peer-key-file", given)],
  },
  { id: "2.5", about: "members are verified", looks: [etcd("peer-client-cert-auth", is("true"))] },
  {
    id: "2.6",
    about: "no certificates between members that they sign themselves",
    looks: [etcd("peer-auto-tls", notOr("true"))],
  },
  {
    id: "2.7",
    about: "an authority of its own",
    looks: [etcd("trusted-ca-file", is(`${pki}/etcd/ca.crt`))],
  },
];

const people: readonly CisCheck[] = [
  {
    id: "3.1.1",
    about: "no client certificates for people",
    looks: [],
    open: "`k0s kubeconfig create` makes them; use an issuer of tokens, above",
  },
  {
    id: "3.1.2",
    about: "no tokens of service accounts for people",
    looks: [],
    open: "yours: k0s gives none to people; use an issuer of tokens, above",
  },
  {
    id: "3.1.3",
    about: "no bootstrap tokens for people",
    looks: [],
    open: "yours: k0s makes them for hosts that join, and they end ([joining.md](joining.md))",
  },
  { id: "3.2.1", about: "an audit policy", looks: [api("audit-policy-file", given)] },
  {
    id: "3.2.2",
    about: "what it covers",
    looks: [
      {
        by: "text",
        file: "/var/lib/k0s/kube-apiserver/audit-policy.yaml",
        pattern: /- level: Metadata\s*$/,
        says: "ends with Metadata for everything",
      },
    ],
  },
];

export const controlPlaneChecks: readonly CisCheck[] = [
  ...files,
  ...server,
  ...others,
  ...datastore,
  ...people,
];
