// Asks the cluster for a node's client certificate, as kubelet's TLS bootstrap does: a certificate request that
// kube-controller-manager approves and signs. Upstream: k8s.io/kubernetes/pkg/kubelet/certificate/bootstrap.

import "reflect-metadata";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import type { KubeClient } from "../../kube/client.ts";
import { isExpired, KubeConnectionError, KubeError } from "../../kube/errors.ts";
import { type CertificateSigningRequest, csrKind } from "../../kube/objects/certificate-signing-request.ts";
import { refOf } from "../../kube/types.ts";
import { generateKeyPem, webCryptoKeys } from "../../pki/keys.ts";
import { createBackoff } from "../../std/backoff.ts";
import { UserError } from "../../std/errors.ts";
import { sleep } from "../../std/wait.ts";
import { nodeUser } from "./node-user.ts";

export interface NodeCertificate {
  /** PEM */
  readonly cert: string;
  /** PEM */
  readonly key: string;
}

const signer = "kubernetes.io/kube-apiserver-client-kubelet";
/** How long the server is asked to keep a watch open; a random time between, in seconds. */
const watchSeconds = [45, 75] as const;
/** A watch that has not ended by then hangs on a connection that is dead. */
const overdueMs = 15_000;
const backoff = { firstMs: 500, longestMs: 15_000 };

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
  const created = await client.create<CertificateSigningRequest>(
    {
      ...csrKind,
      metadata: { generateName: "node-csr-" },
      spec: {
        request: Buffer.from(await requestPem(key, nodeName)).toString("base64"),
        signerName: signer,
        usages: ["digital signature", "client auth"],
      },
    },
    { signal, timeoutMs: 10_000, retries: 0 },
  );
  const slow = setTimeout(() => onDelay(created.metadata.name ?? ""), 5_000);
  try {
    return { cert: await decision(client, created, signal), key };
  } finally {
    clearTimeout(slow);
  }
}

/** Waits by a watch: a thousand nodes that join must not ask ten times a second each. What passes is waited out. */
async function decision(
  client: Pick<KubeClient, "get" | "watch">,
  created: CertificateSigningRequest,
  signal: AbortSignal,
): Promise<string> {
  const pauses = createBackoff(backoff);
  let request = created;
  for (;;) {
    const cert = decided(request);
    if (cert !== undefined) return cert;
    const startedAt = performance.now();
    let trouble: unknown;
    try {
      const watched = await watchDecision(client, request, signal);
      if (watched !== undefined) return watched;
    } catch (err) {
      signal.throwIfAborted();
      if (!isPassing(err)) throw err;
      trouble = err;
    }
    // Also a server that ends each watch at once is left alone.
    if (performance.now() - startedAt >= backoff.longestMs) pauses.worked();
    else await sleep(pauses.failed({ err: trouble }), signal);
    request = await client.get<CertificateSigningRequest>(refOf(request), { signal, timeoutMs: 10_000 });
  }
}

/** Undefined when the watch ends before there is a decision. */
async function watchDecision(
  client: Pick<KubeClient, "watch">,
  { apiVersion, kind, metadata }: CertificateSigningRequest,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [least, most] = watchSeconds;
  const timeoutSeconds = Math.round(least + Math.random() * (most - least));
  const overdue = AbortSignal.timeout(timeoutSeconds * 1000 + overdueMs);
  const events = client.watch<CertificateSigningRequest>(
    { apiVersion, kind },
    {
      fieldSelector: `metadata.name=${metadata.name}`,
      ...(metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
      timeoutSeconds,
      signal: AbortSignal.any([signal, overdue]),
    },
  );
  for await (const event of events) {
    if (event.type === "BOOKMARK") continue;
    if (event.type === "DELETED")
      throw new UserError(`the certificate request ${metadata.name} was deleted before it was decided`, {
        code: "csr-deleted",
        hint: "k0s asks again by itself; look at who deletes them.",
      });
    const cert = decided(event.object);
    if (cert !== undefined) return cert;
  }
  return undefined;
}

/** What waiting may cure: a lost connection, a server that is busy or starts again, a place that it has forgotten. */
function isPassing(err: unknown): boolean {
  if (err instanceof KubeConnectionError) return true;
  return err instanceof KubeError && (err.status === 429 || err.status >= 500 || isExpired(err));
}

/** PEM of the certificate once there is one; throws when the request was turned down. */
function decided({ metadata, status }: CertificateSigningRequest): string | undefined {
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
