import { afterEach, beforeEach, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueCa, type KeyAndCertificate } from "../../pki/issue.ts";
import { parseTrust } from "../../std/trust-bundle.ts";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import { isSigningSet, issueLocally } from "./issue-locally.ts";

let pkiDir = "";
let ca: KeyAndCertificate;
const hourMs = 3_600_000;

beforeEach(async () => {
  pkiDir = await mkdtemp(join(tmpdir(), "k0s-own-node-"));
  ca = await issueCa({ cn: "kubernetes-ca", expiresMs: 24 * hourMs });
});

afterEach(() => rm(pkiDir, { recursive: true, force: true }));

const issue = () =>
  issueLocally({ paths: { pkiDir }, nodeName: "n1", ca: parseTrust(ca.cert, "ca.crt"), expiresMs: hourMs });

test("it is a client certificate of the node, by the cluster's authority", async () => {
  await writeFile(join(pkiDir, "ca.key"), ca.key);
  const { cert = "", key = "" } = (await issue()) ?? {};
  const parsed = new X509Certificate(cert);
  expect(parsed.subject.split("\n")).toEqual(["O=system:nodes", "CN=system:node:n1"]);
  expect(parsed.verify(new X509Certificate(ca.cert).publicKey)).toBe(true);
  // id-kp-clientAuth alone, as kube-controller-manager signs it.
  expect(parsed.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  expect(parsed.subjectAltName).toBeUndefined();
  expect(Date.parse(parsed.validTo) - Date.now()).toBeLessThanOrEqual(hourMs);
  expect(key).toContain("EC PRIVATE KEY");
});

test("where the key of the authority is elsewhere nothing is signed", async () => {
  expect(await issue()).toBeUndefined();
});

test("who tells kube-controller-manager how to sign means the node's certificate, too", () => {
  const schema = clusterConfigSchema({
    single: false,
    dataDir: "/var/lib/k0s",
    publicAddress: "192.0.2.10",
  });
  const config = (controllerManager: object) => schema.parse({ spec: { controllerManager } });
  expect(isSigningSet(config({}), {})).toBe(false);
  expect(isSigningSet(config({ extraArgs: { "cluster-signing-kubelet-serving-cert-file": "a" } }), {})).toBe(
    false,
  );
  expect(isSigningSet(config({ extraArgs: { "cluster-signing-duration": "24h" } }), {})).toBe(true);
  expect(isSigningSet(config({ rawArgs: ["--cluster-signing-duration=24h"] }), {})).toBe(true);
  expect(isSigningSet(config({}), { "cluster-signing-cert-file": "a" })).toBe(true);
});
