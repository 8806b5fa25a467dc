// A serving certificate that the cluster's CA has signed comes from a k0s of the past: kubelet is made to ask for
// another one, and does so as soon as it finds none. See docs/adr/0049-kubelet-serving-ca.md.

import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { readFileIfExists } from "../../os/files.ts";
import { removeFile } from "../../os/removal.ts";
import { anchorOf, type TrustBundle } from "../../std/trust-bundle.ts";

/** To be called before kubelet starts. True if there was one. */
export async function dropOldServingCertificate(
  kubeletRootDir: string,
  clusterCa: TrustBundle,
): Promise<boolean> {
  const current = join(kubeletRootDir, "pki", "kubelet-server-current.pem");
  const text = await readFileIfExists(current);
  if (text === undefined || !isSignedBy(text, clusterCa)) return false;
  // Only the link to it: what it points to is kubelet's to clean up.
  await removeFile(current);
  return true;
}

function isSignedBy(pem: string, clusterCa: TrustBundle): boolean {
  try {
    return anchorOf(new X509Certificate(pem), clusterCa) !== undefined;
  } catch {
    // What cannot be read is not known to be old; kubelet will report it.
    return false;
  }
}
