// The PKI of a controller except etcd's. Upstream: cmd/controller/certificates.go.

import { join } from "node:path";
import type { UserId } from "../os/users.ts";
import { ownedBy, root } from "./spec.ts";
import type { CaSpec, KeyType, KubeconfigSpec, LeafSpec, PkiSpec } from "./spec.ts";

/** Whose processes read files of the PKI, as their components name them. */
export type PkiUser =
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "konnectivity-server"
  | "etcd";

/** The system users; a process whose user is missing runs as root. */
export interface PkiUsers {
  get(name: PkiUser): UserId | undefined;
}

/** What not every controller has. */
export interface PkiExtent {
  /** False removes konnectivity's certificate and kubeconfig. */
  readonly konnectivity: boolean;
  /** False where nobody can join: then the join API has no certificate. */
  readonly joinApi: boolean;
}

export interface ClusterPkiInput extends PkiExtent {
  readonly pkiDir: string;
  /** Of the API server and the join API. */
  readonly sans: readonly string[];
  /** What the control plane's own kubeconfigs point to, e.g. `https://localhost:6443`. */
  readonly server: string;
  readonly users: PkiUsers;
  readonly caExpiresMs: number;
  readonly leafExpiresMs: number;
}

/** A row of the table. Its name is that of its files in the PKI directory, without extension. */
interface Row {
  readonly name: string;
  /** Default: root. */
  readonly owner?: PkiUser;
  /** Default: always. */
  readonly when?: keyof PkiExtent;
}

interface LeafRow extends Row {
  readonly cn: string;
  readonly o: string;
  /** The authority that signs it; default `ca`. */
  readonly ca?: string;
  /** Whether it names the API server. */
  readonly server?: true;
  /** Default: P-256. */
  readonly keyType?: KeyType;
}

const authorities: readonly (Row & { readonly cn: string })[] = [
  // kube-controller-manager signs with the cluster CA, so its user owns the key.
  { name: "ca", cn: "kubernetes-ca", owner: "kube-controller-manager" },
  { name: "front-proxy-ca", cn: "kubernetes-front-proxy-ca" },
];

const konnectivityUser = "system:konnectivity-server";
const masters = "system:masters";
/** As whom Kubernetes knows the clients of the API that every controller has, by their certificates. */
export const clientSubjects = {
  manager: "system:kube-controller-manager",
  scheduler: "system:kube-scheduler",
} as const;
const { manager, scheduler } = clientSubjects;
const proxy = "front-proxy-client";
const kubeletClient = "apiserver-kubelet-client";

const leaves: readonly LeafRow[] = [
  { name: "server", cn: "kubernetes", o: "kubernetes", owner: "kube-apiserver", server: true },
  { name: proxy, cn: proxy, o: proxy, owner: "kube-apiserver", ca: "front-proxy-ca" },
  { name: kubeletClient, cn: kubeletClient, o: masters, owner: "kube-apiserver" },
  // People carry it to tools of all kinds, of which some read no other keys than RSA: docs/adr/0079.
  { name: "admin", cn: "kubernetes-admin", o: masters, keyType: "rsa2048" },
  { name: "ccm", cn: manager, o: manager, owner: "kube-controller-manager" },
  { name: "scheduler", cn: scheduler, o: scheduler, owner: "kube-scheduler" },
  // Of the server that agents connect to and of its client of the API. Upstream makes it an administrator and serves with
  // kube-apiserver's key: docs/adr/0021.
  {
    name: "konnectivity",
    cn: konnectivityUser,
    o: konnectivityUser,
    owner: "konnectivity-server",
    server: true,
    when: "konnectivity",
  },
  { name: "k0s-api", cn: "k0s-api", o: "kubernetes", owner: "kube-apiserver", server: true, when: "joinApi" },
];

const keyPairs: readonly Row[] = [{ name: "sa", owner: "kube-apiserver" }];

/** Each with the certificate of its name. */
const kubeconfigs: readonly (Row & { readonly mode: number; readonly keepsContexts?: true })[] = [
  { name: "admin", mode: 0o600, keepsContexts: true },
  { name: "ccm", owner: "kube-controller-manager", mode: 0o600 },
  { name: "scheduler", owner: "kube-scheduler", mode: 0o600 },
  { name: "konnectivity", owner: "konnectivity-server", mode: 0o640, when: "konnectivity" },
];

/** Of all files in the PKI directory that some controller has. */
export function clusterPkiNames(): string[] {
  return [...authorities, ...leaves, ...keyPairs, ...kubeconfigs].map(({ name }) => name);
}

/** Their common names. */
export function clusterAuthorities(): string[] {
  return authorities.map(({ cn }) => cn);
}

/** Of the certificates of one controller. */
export function clusterCertificateNames(extent: PkiExtent): string[] {
  return [...authorities, ...leaves.filter(isIn(extent))].map(({ name }) => name);
}

/** Of the kubeconfigs of one controller. */
export function clusterKubeconfigNames(extent: PkiExtent): string[] {
  return kubeconfigs.filter(isIn(extent)).map(({ name }) => name);
}

export function clusterPkiSpec(input: ClusterPkiInput): PkiSpec {
  const at = (name: string): string => join(input.pkiDir, name);
  const ownerOf = ({ owner }: Row): UserId => (owner === undefined ? root : ownedBy(input.users.get(owner)));

  return {
    directories: [{ path: input.pkiDir, mode: 0o751, owner: root }],
    authorities: authorities.map((row): CaSpec => ({
      kind: "ca",
      base: at(row.name),
      cn: row.cn,
      expiresMs: input.caExpiresMs,
      keyType: "p256",
      owner: root,
      keyOwner: ownerOf(row),
    })),
    leaves: leaves.filter(isIn(input)).map((row): LeafSpec => ({
      kind: "leaf",
      base: at(row.name),
      ca: at(row.ca ?? "ca"),
      cn: row.cn,
      organizations: [row.o],
      sans: row.server === true ? input.sans : [],
      expiresMs: input.leafExpiresMs,
      keyType: row.keyType ?? "p256",
      owner: ownerOf(row),
    })),
    keyPairs: keyPairs.map((row) => ({
      kind: "key-pair",
      base: at(row.name),
      owner: ownerOf(row),
      publicOwner: root,
    })),
    kubeconfigs: kubeconfigs.filter(isIn(input)).map((row): KubeconfigSpec => ({
      kind: "kubeconfig",
      path: at(`${row.name}.conf`),
      ca: at("ca"),
      leaf: at(row.name),
      server: input.server,
      ...(row.keepsContexts === undefined ? {} : { keepsContexts: true }),
      mode: row.mode,
      owner: ownerOf(row),
    })),
    unwanted: input.konnectivity
      ? []
      : ["crt", "key", "conf"].map((extension) => at(`konnectivity.${extension}`)),
  };
}

function isIn(extent: PkiExtent): (row: Row) => boolean {
  return ({ when }) => when === undefined || extent[when];
}
