// The serving certificate of a kubelet, and who has signed it.

import { X509Certificate } from "node:crypto";
import type { TestMachine } from "./test-machine.ts";

export const servingCertificate = "/var/lib/k0s/kubelet/pki/kubelet-server-current.pem";

export async function certificateOn(machine: TestMachine, path: string): Promise<X509Certificate> {
  // By a program in the machine: what is there may be a link that means something there only.
  return new X509Certificate(await machine.ok(["cat", path]));
}

/** Which of the controller's authorities has signed the kubelet's certificate. */
export async function signerOf(
  certificate: X509Certificate,
  controller: TestMachine,
): Promise<readonly ("ca" | "kubelet-serving-ca")[]> {
  const names = ["ca", "kubelet-serving-ca"] as const;
  const authorities = await Promise.all(
    names.map((name) => certificateOn(controller, `/var/lib/k0s/pki/${name}.crt`)),
  );
  return names.filter((_, index) => {
    const authority = authorities[index];
    return authority !== undefined && certificate.verify(authority.publicKey);
  });
}
