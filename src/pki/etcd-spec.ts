// The PKI of managed etcd. It exists only where k0s runs etcd itself. Upstream: pkg/component/controller/etcd.go
// (setupCerts).

import { join } from "node:path";
import type { PkiUsers } from "./cluster-spec.ts";
import { ownedBy } from "./spec.ts";
import type { KeyType, LeafSpec, PkiSpec } from "./spec.ts";

export interface EtcdPkiInput {
  readonly pkiDir: string;
  readonly etcdPkiDir: string;
  /** The address of this member that its peers use. */
  readonly peerAddress: string;
  readonly users: PkiUsers;
  readonly caExpiresMs: number;
  readonly leafExpiresMs: number;
  readonly keyType?: KeyType;
}

export function etcdPkiSpec(input: EtcdPkiInput): PkiSpec {
  const keyType = input.keyType ?? "rsa2048";
  const etcd = ownedBy(input.users.etcd);
  const ca = join(input.etcdPkiDir, "ca");
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
  const client = "apiserver-etcd-client";
  return {
    directories: [{ path: input.etcdPkiDir, mode: 0o711, owner: etcd }],
    authorities: [
      {
        kind: "ca",
        base: ca,
        cn: "etcd-ca",
        expiresMs: input.caExpiresMs,
        keyType,
        owner: etcd,
        keyOwner: etcd,
      },
    ],
    leaves: [
      leaf(join(input.pkiDir, client), client, client, { owner: ownedBy(input.users.kubeApiserver) }),
      leaf(join(input.etcdPkiDir, "server"), "etcd-server", "etcd-server"),
      leaf(join(input.etcdPkiDir, "peer"), input.peerAddress, "etcd-peer", { sans: [input.peerAddress] }),
    ],
    keyPairs: [{ kind: "key-pair", base: join(input.etcdPkiDir, "jwt"), owner: etcd, publicOwner: etcd }],
    kubeconfigs: [],
    unwanted: [],
  };
}
