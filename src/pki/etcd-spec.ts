// The PKI of managed etcd. It exists only where k0s runs etcd itself. Upstream: pkg/component/controller/etcd.go
// (setupCerts).

import { join } from "node:path";
import type { PkiUsers } from "./cluster-spec.ts";
import { ownedBy } from "./spec.ts";
import type { LeafSpec, PkiSpec } from "./spec.ts";

export interface EtcdPkiInput {
  readonly pkiDir: string;
  readonly etcdPkiDir: string;
  /** The address of this member that its peers use. */
  readonly peerAddress: string;
  readonly users: PkiUsers;
  readonly caExpiresMs: number;
  readonly leafExpiresMs: number;
}

type EtcdPkiDirs = Pick<EtcdPkiInput, "pkiDir" | "etcdPkiDir">;

/** The `base` of each; in the PKI directory itself only kube-apiserver's client. */
function basesIn({ pkiDir, etcdPkiDir }: EtcdPkiDirs) {
  return {
    ca: join(etcdPkiDir, "ca"),
    client: join(pkiDir, clientName),
    server: join(etcdPkiDir, "server"),
    peer: join(etcdPkiDir, "peer"),
    jwt: join(etcdPkiDir, "jwt"),
  };
}

/** Its common name. */
export const etcdAuthority = "etcd-ca";

const clientName = "apiserver-etcd-client";

/** Of the files that lie among those of the cluster's PKI. */
export const etcdNamesBesideCluster: readonly string[] = [clientName];

/** Files of the certificates, whether they exist or not. */
export function etcdCertificates(dirs: EtcdPkiDirs): string[] {
  const { ca, client, server, peer } = basesIn(dirs);
  return [ca, client, server, peer].map((base) => `${base}.crt`);
}

export function etcdPkiSpec(input: EtcdPkiInput): PkiSpec {
  const keyType = "p256";
  const etcd = ownedBy(input.users.get("etcd"));
  const { ca, client, server, peer, jwt } = basesIn(input);
  const local = ["127.0.0.1", "localhost"];
  const leaf = (base: string, cn: string, o: string, more: Partial<LeafSpec> = {}): LeafSpec => ({
    kind: "leaf",
    base,
    ca,
    cn,
    organizations: [o],
    sans: local,
    expiresMs: input.leafExpiresMs,
    keyType,
    owner: etcd,
    ...more,
  });
  return {
    directories: [{ path: input.etcdPkiDir, mode: 0o711, owner: etcd }],
    authorities: [
      {
        kind: "ca",
        base: ca,
        cn: etcdAuthority,
        expiresMs: input.caExpiresMs,
        keyType,
        owner: etcd,
        keyOwner: etcd,
      },
    ],
    leaves: [
      leaf(client, clientName, clientName, { owner: ownedBy(input.users.get("kube-apiserver")) }),
      leaf(server, "etcd-server", "etcd-server"),
      leaf(peer, input.peerAddress, "etcd-peer", { sans: [input.peerAddress] }),
    ],
    keyPairs: [{ kind: "key-pair", base: jwt, owner: etcd, publicOwner: etcd }],
    kubeconfigs: [],
    unwanted: [],
  };
}
