// Which certificates a controller uses. Others may lie in the folder of its PKI, of a feature that was turned off, of an
// earlier version or made by a person: it does not matter how long those are valid.

import { join } from "node:path";
import type { NodeConfig } from "../config/fixed-fields.ts";
import { isEtcdManaged } from "../config/derived.ts";
import type { NodePaths } from "../product/paths.ts";
import { clusterCertificateNames, type PkiExtent } from "./cluster-spec.ts";
import { etcdCertificates } from "./etcd-spec.ts";
import { kubeletServingFiles } from "./kubelet-serving-ca.ts";

export interface CertificateUse extends PkiExtent {
  readonly paths: Pick<NodePaths, "pkiDir" | "etcdPkiDir">;
  readonly config: NodeConfig;
}

/** Their files, whether they exist or not. */
export function usedCertificates({ paths, config, ...extent }: CertificateUse): string[] {
  const kubelets = kubeletServingFiles(paths.pkiDir);
  return [
    ...clusterCertificateNames(extent).map((name) => join(paths.pkiDir, `${name}.crt`)),
    kubelets.certificate,
    kubelets.bundle,
    ...(isEtcdManaged(config) ? etcdCertificates(paths) : []),
  ];
}
