// Which certificates a controller uses. Others may lie in the folder of its PKI, of a feature that was turned off, of an
// earlier version or made by a person: it does not matter how long those are valid.

import type { NodeConfig } from "../config/node.ts";
import { isEtcdManaged } from "../config/derived.ts";
import type { NodePaths } from "../product/paths.ts";
import { clusterPkiSpec } from "./cluster-spec.ts";
import { etcdPkiSpec } from "./etcd-spec.ts";
import { kubeletServingFiles } from "./kubelet-serving-ca.ts";
import type { PkiSpec } from "./spec.ts";

export interface CertificateUse {
  readonly paths: Pick<NodePaths, "pkiDir" | "etcdPkiDir">;
  readonly config: NodeConfig;
  /** Whether konnectivity runs. */
  readonly konnectivity: boolean;
  /** Whether others can join. */
  readonly joinApi: boolean;
}

/** Their files, whether they exist or not. */
export function usedCertificates({ paths, config, konnectivity, joinApi }: CertificateUse): string[] {
  // Only names are asked for here.
  const common = { users: {}, caExpiresMs: 0, leafExpiresMs: 0 };
  const { pkiDir, etcdPkiDir } = paths;
  const cluster = clusterPkiSpec({ ...common, pkiDir, sans: [], server: "", konnectivity, joinApi });
  const etcd = etcdPkiSpec({ ...common, pkiDir, etcdPkiDir, peerAddress: "127.0.0.1" });
  const kubelets = kubeletServingFiles(pkiDir);
  return [
    ...filesOf(cluster),
    kubelets.certificate,
    kubelets.bundle,
    ...(isEtcdManaged(config) ? filesOf(etcd) : []),
  ];
}

function filesOf({ authorities, leaves }: PkiSpec): string[] {
  return [...authorities, ...leaves].map(({ base }) => `${base}.crt`);
}
