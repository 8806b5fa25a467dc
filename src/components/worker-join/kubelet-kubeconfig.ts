// kubelet's kubeconfig and client certificate on the disk, where kubelet itself renews the certificate.
// Upstream: k8s.io/client-go/util/certificate (file store).

import { X509Certificate } from "node:crypto";
import type { NodePaths } from "../../product/paths.ts";
import { type ConnectionDetails, kubeconfigYaml } from "../../kube/kubeconfig.ts";
import { ensureDir, makeDir, writeFileAtomic, writeLinkAtomic } from "../../os/files.ts";
import { joinPath as join } from "../../std/join-path.ts";
import type { NodeCertificate } from "./certificate.ts";
import type { TrustBundle } from "../../std/trust-bundle.ts";

export interface ClusterAddress {
  readonly server: string;
  readonly ca: TrustBundle;
}

/** Stores both; the kubeconfig comes last, because its presence says that the node has joined. */
export async function storeNodeCertificate(
  paths: NodePaths,
  cluster: ClusterAddress,
  { cert, key }: NodeCertificate,
): Promise<void> {
  const pkiDir = join(paths.kubeletRootDir, "pki");
  await makeDir(paths.kubeletRootDir, { mode: 0o755 });
  await ensureDir(pkiDir, { mode: 0o750 });
  const stamp = new Date().toISOString().replaceAll(/[:T]/g, "-").replace(/\..*/, "");
  const file = join(pkiDir, `kubelet-client-${stamp}.pem`);
  await writeFileAtomic(file, `${cert.trimEnd()}\n${key}`, { mode: 0o600 });
  // kubelet insists on a link that it can turn to the next certificate.
  const current = currentCertificate(paths);
  await writeLinkAtomic(current, file);
  await writeFileAtomic(paths.kubeletKubeconfig, kubeletKubeconfig(paths, cluster), { mode: 0o600 });
}

/** The YAML text of a kubeconfig with the node's credentials. */
export function kubeletKubeconfig(paths: NodePaths, { server, ca }: ClusterAddress): string {
  return kubeconfigYaml({
    server,
    ca,
    certificateFile: currentCertificate(paths),
    cluster: "default-cluster",
    user: "default-auth",
    context: "default-context",
    namespace: "default",
  });
}

export interface StoredIdentity {
  /** `system:node:NAME` */
  readonly user: string;
  readonly expires: Date;
}

/** Whose certificate a kubeconfig holds; undefined when it holds none that can be read. */
export function identityOf({ cert }: ConnectionDetails): StoredIdentity | undefined {
  if (cert === undefined) return undefined;
  const { subject, validToDate } = new X509Certificate(cert);
  const user = /^CN=(.*)$/m.exec(subject)?.[1] ?? "";
  return { user, expires: validToDate };
}

function currentCertificate(paths: NodePaths): string {
  return join(paths.kubeletRootDir, "pki", "kubelet-client-current.pem");
}
