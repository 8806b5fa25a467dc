// Writes contexts into admin.conf while its certificate may be renewed at the same time: never a certificate with
// another one's key.

import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { NodePaths } from "../../product/paths.ts";
import { readFileIfExists, writeFileAtomic } from "../../os/files.ts";
import { type ControllerContext, furtherContexts, kubeconfigYaml } from "../../kube/kubeconfig.ts";
import { parseTrust } from "../../std/trust-bundle.ts";

export interface AdminFiles {
  /** Text of admin.conf; undefined where there is none yet. */
  readonly kubeconfig: () => Promise<string | undefined>;
  readonly pki: (name: "ca.crt" | "admin.crt" | "admin.key") => Promise<string>;
  readonly write: (kubeconfig: string) => Promise<void>;
}

export function adminFiles({
  pkiDir,
  adminKubeconfig,
}: Pick<NodePaths, "pkiDir" | "adminKubeconfig">): AdminFiles {
  return {
    kubeconfig: () => readFileIfExists(adminKubeconfig),
    pki: (name) => readFile(join(pkiDir, name), "utf8"),
    write: (text) => writeFileAtomic(adminKubeconfig, text, { mode: 0o600 }),
  };
}

/** True if others were named. In the middle of a renewal nothing is done: the next look comes soon. */
export async function writeContexts(
  files: AdminFiles,
  server: string,
  others: readonly ControllerContext[],
): Promise<boolean> {
  const present = await files.kubeconfig();
  if (present === undefined || Bun.deepEquals(furtherContexts(present), others)) return false;
  for (let written = false; ; written = true) {
    const [ca, cert, key] = await Promise.all([
      files.pki("ca.crt"),
      files.pki("admin.crt"),
      files.pki("admin.key"),
    ]);
    if (!belongTogether(cert, key)) return written;
    await files.write(kubeconfigYaml({ server, ca: parseTrust(ca, "ca.crt"), cert, key, others }));
    // A renewal that was faster has just had its own file replaced.
    if ((await files.pki("admin.crt")) === cert) return true;
  }
}

function belongTogether(cert: string, key: string): boolean {
  return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
}
