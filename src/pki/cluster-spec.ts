// The PKI of a controller except etcd's. Upstream: cmd/controller/certificates.go.

import { join } from "node:path";
import type { UserId } from "../os/users.ts";
import { ownedBy, root } from "./spec.ts";
import type { CaSpec, KeyType, KubeconfigSpec, LeafSpec, PkiSpec } from "./spec.ts";

/** Who the files are for; a process whose user is missing runs as root. */
export interface PkiUsers {
  readonly kubeApiserver?: UserId | undefined;
  readonly kubeControllerManager?: UserId | undefined;
  readonly kubeScheduler?: UserId | undefined;
  readonly konnectivity?: UserId | undefined;
  readonly etcd?: UserId | undefined;
}

export interface ClusterPkiInput {
  readonly pkiDir: string;
  /** Of the API server and the join API. */
  readonly sans: readonly string[];
  /** What the control plane's own kubeconfigs point to, e.g. `https://localhost:6443`. */
  readonly server: string;
  readonly users: PkiUsers;
  readonly caExpiresMs: number;
  readonly leafExpiresMs: number;
  /** False removes konnectivity's certificate and kubeconfig. */
  readonly konnectivity: boolean;
  /** False where nobody can join: then the join API has no certificate. */
  readonly joinApi: boolean;
  readonly keyType?: KeyType;
}

export function clusterPkiSpec(input: ClusterPkiInput): PkiSpec {
  const keyType = input.keyType ?? "rsa2048";
  const at = (name: string): string => join(input.pkiDir, name);
  const apiserver = ownedBy(input.users.kubeApiserver);
  const controllerManager = ownedBy(input.users.kubeControllerManager);
  const scheduler = ownedBy(input.users.kubeScheduler);
  const konnectivity = ownedBy(input.users.konnectivity);

  const authority = (name: string, cn: string): CaSpec => ({
    kind: "ca",
    base: at(name),
    cn,
    expiresMs: input.caExpiresMs,
    keyType,
    owner: root,
    keyOwner: root,
  });
  const leaf = (
    name: string,
    cn: string,
    o: string,
    owner: UserId,
    more: Partial<LeafSpec> = {},
  ): LeafSpec => ({
    kind: "leaf",
    base: at(name),
    ca: at("ca"),
    cn,
    organizations: [o],
    sans: [],
    expiresMs: input.leafExpiresMs,
    keyType,
    owner,
    ...more,
  });
  const kubeconfig = (name: string, owner: UserId, mode: number): KubeconfigSpec => ({
    kind: "kubeconfig",
    path: at(`${name}.conf`),
    ca: at("ca"),
    leaf: at(name),
    server: input.server,
    mode,
    owner,
  });

  const konnectivityUser = "system:konnectivity-server";
  const masters = "system:masters";
  const manager = "system:kube-controller-manager";
  const optional = [
    // Of the server that agents connect to and of its client of the API. Upstream makes it an administrator and serves with
    // kube-apiserver's key: docs/adr/0021.
    leaf("konnectivity", konnectivityUser, konnectivityUser, konnectivity, { sans: input.sans }),
    leaf("k0s-api", "k0s-api", "kubernetes", apiserver, { sans: input.sans }),
  ].filter((_, index) => (index === 0 ? input.konnectivity : input.joinApi));

  return {
    directories: [{ path: input.pkiDir, mode: 0o751, owner: root }],
    // kube-controller-manager signs with the cluster CA, so its user owns the key.
    authorities: [
      { ...authority("ca", "kubernetes-ca"), keyOwner: controllerManager },
      authority("front-proxy-ca", "kubernetes-front-proxy-ca"),
    ],
    leaves: [
      leaf("server", "kubernetes", "kubernetes", apiserver, { sans: input.sans }),
      leaf("front-proxy-client", "front-proxy-client", "front-proxy-client", apiserver, {
        ca: at("front-proxy-ca"),
      }),
      leaf("apiserver-kubelet-client", "apiserver-kubelet-client", masters, apiserver),
      leaf("admin", "kubernetes-admin", masters, root),
      leaf("ccm", manager, manager, controllerManager),
      leaf("scheduler", "system:kube-scheduler", "system:kube-scheduler", scheduler),
      ...optional,
    ],
    keyPairs: [{ kind: "key-pair", base: at("sa"), owner: apiserver, publicOwner: root }],
    kubeconfigs: [
      { ...kubeconfig("admin", root, 0o600), keepsContexts: true },
      kubeconfig("ccm", controllerManager, 0o600),
      kubeconfig("scheduler", scheduler, 0o600),
      ...(input.konnectivity ? [kubeconfig("konnectivity", konnectivity, 0o640)] : []),
    ],
    unwanted: input.konnectivity
      ? []
      : [at("konnectivity.crt"), at("konnectivity.key"), at("konnectivity.conf")],
  };
}
