// Asks the cluster for a node's client certificate, as kubelet's TLS bootstrap does: a certificate request that
// kube-controller-manager approves and signs. Upstream: k8s.io/kubernetes/pkg/kubelet/certificate/bootstrap; reference §9.3.

import "reflect-metadata";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import type { KubeClient } from "../kube/client.ts";
import type { KubeResource } from "../kube/types.ts";
import { generateKeyPem, webCryptoKeys } from "../pki/keys.ts";
import { UserError } from "../std/errors.ts";
import { sleep } from "../std/wait.ts";
import { nodeUser } from "./node-user.ts";

export interface NodeCertificate {
  /** PEM */
  readonly cert: string;
  /** PEM */
  readonly key: string;
}

interface CertificateRequest extends KubeResource {
  spec?: { request: string; signerName: string; usages: string[] };
  status?: { certificate?: string; conditions?: { type: string; reason?: string; message?: string }[] };
}

const signer = "kubernetes.io/kube-apiserver-client-kubelet";
const pollMs = 100;

export interface CertificateWait {
  readonly signal: AbortSignal;
  /** Called once when approval takes long. */
  readonly onDelay: (name: string) => void;
}

/** Resolves with the signed certificate; waits for the approval as long as it takes. */
export async function requestNodeCertificate(
  client: KubeClient,
  nodeName: string,
  { signal, onDelay }: CertificateWait,
): Promise<NodeCertificate> {
  const key = await generateKeyPem("p256");
  const created = await client.create<CertificateRequest>(
    {
      apiVersion: "certificates.k8s.io/v1",
      kind: "CertificateSigningRequest",
      metadata: { generateName: "node-csr-" },
      spec: {
        request: Buffer.from(await requestPem(key, nodeName)).toString("base64"),
        signerName: signer,
        usages: ["digital signature", "client auth"],
      },
    },
    { signal, timeoutMs: 10_000, retries: 0 },
  );
  const { apiVersion, kind } = created;
  const name = created.metadata.name ?? "";
  const slow = setTimeout(() => onDelay(name), 5_000);
  try {
    for (;;) {
      const now = await client.get<CertificateRequest>(
        { apiVersion, kind, name },
        { signal, timeoutMs: 10_000 },
      );
      const cert = decided(now);
      if (cert !== undefined) return { cert, key };
      await sleep(pollMs, signal);
    }
  } finally {
    clearTimeout(slow);
  }
}

/** PEM of the certificate once there is one; throws when the request was turned down. */
function decided({ metadata, status }: CertificateRequest): string | undefined {
  const no = status?.conditions?.find(({ type }) => type === "Denied" || type === "Failed");
  if (no !== undefined) {
    throw new UserError(
      `the certificate request ${metadata.name ?? ""} was turned down: ${no.message ?? no.reason ?? no.type}`,
      { code: "csr-denied", hint: "Look at it: k0s kubectl describe csr, on a controller." },
    );
  }
  const { certificate } = status ?? {};
  return certificate === undefined || certificate === ""
    ? undefined
    : Buffer.from(certificate, "base64").toString("utf8");
}

async function requestPem(key: string, nodeName: string): Promise<string> {
  const { algorithm, ...keys } = await webCryptoKeys(key);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ O: ["system:nodes"] }, { CN: [nodeUser(nodeName)] }],
    keys,
    signingAlgorithm: algorithm,
  });
  return request.toString("pem");
}
