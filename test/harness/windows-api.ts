// As much of an API server as a worker asks for until it runs: what k0s.exe in wine joins. It has no cluster behind it, and
// listens on loopback, which programs in wine share.

import "reflect-metadata";
import { Pkcs10CertificateRequest, X509CertificateGenerator } from "@peculiar/x509";
import { workerConfigData, workerConfigMapName } from "../../src/components/worker-config/manifest.ts";
import { configDefaultsFor } from "../../src/config/cluster-config.ts";
import { issueCa, issueLeaf, type KeyAndCertificate } from "../../src/pki/issue.ts";
import { webCryptoKeys } from "../../src/pki/keys.ts";
import { k0sVersion } from "../../src/product/versions.ts";
import { parseTrust, type TrustBundle } from "../../src/std/trust-bundle.ts";

const dayMs = 86_400_000;

export interface WindowsApi extends AsyncDisposable {
  readonly server: string;
  readonly ca: TrustBundle;
  /** Subjects of the certificates that were asked for. */
  readonly requested: readonly string[];
  /** A node's certificate and its key, as kubelet keeps them. */
  nodeCertificate(user: string): Promise<KeyAndCertificate>;
}

export async function startWindowsApi(): Promise<WindowsApi> {
  const ca = await issueCa({ cn: "kubernetes-ca", expiresMs: dayMs, keyType: "p256" });
  const serving = await issueLeaf({
    ca,
    cn: "kube-apiserver",
    sans: ["127.0.0.1"],
    expiresMs: dayMs,
    keyType: "p256",
  });
  const requested: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    tls: { cert: serving.cert, key: serving.key },
    fetch: async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname === "/version") return Response.json({ gitVersion: k0sVersion });
      if (pathname.endsWith("/certificatesigningrequests") && request.method === "POST") {
        const asked = (await request.json()) as { spec: { request: string } };
        const pem = Buffer.from(asked.spec.request, "base64").toString();
        requested.push(new Pkcs10CertificateRequest(pem).subject);
        const certificate = Buffer.from(await signed(pem, ca)).toString("base64");
        return Response.json(
          { ...asked, metadata: { name: "csr-1" }, status: { certificate } },
          { status: 201 },
        );
      }
      if (pathname.endsWith(`/configmaps/${settings.metadata.name}`)) return Response.json(settings);
      // Nothing changes: a watch stays open, and a list has what there is.
      if (searchParams.has("watch")) return new Response(new ReadableStream({ start: () => undefined }));
      if (pathname.endsWith("/configmaps"))
        return Response.json({ metadata: { resourceVersion: "1" }, items: [settings] });
      return Response.json({ kind: "Status", reason: "NotFound", code: 404 }, { status: 404 });
    },
  });
  return {
    server: `https://127.0.0.1:${server.port}`,
    ca: parseTrust(ca.cert, "the authority"),
    requested,
    nodeCertificate: (user) =>
      issueLeaf({ ca, cn: user, o: ["system:nodes"], expiresMs: dayMs, keyType: "p256" }),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

const config = configDefaultsFor({ single: false, dataDir: "/var/lib/k0s", publicAddress: "127.0.0.1" });
const profile = "default-windows";
const settings = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: {
    name: workerConfigMapName(profile, k0sVersion),
    namespace: "kube-system",
    resourceVersion: "1",
  },
  data: workerConfigData(
    { config, apiServers: ["127.0.0.1:6443"], konnectivity: false, autopilot: false },
    profile,
  ),
};

/** As kube-controller-manager signs it. */
async function signed(request: string, ca: KeyAndCertificate): Promise<string> {
  const { privateKey, algorithm } = await webCryptoKeys(ca.key);
  const asked = new Pkcs10CertificateRequest(request);
  const certificate = await X509CertificateGenerator.create({
    subject: asked.subject,
    issuer: "CN=kubernetes-ca",
    publicKey: asked.publicKey,
    signingKey: privateKey,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + dayMs),
  });
  return certificate.toString("pem");
}
