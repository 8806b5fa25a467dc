import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueCa, issueLeaf } from "../../pki/issue.ts";
import { dropOldServingCertificate } from "./old-serving-certificate.ts";
import { parseTrust } from "../../std/trust-bundle.ts";

const day = 86_400_000;
let root: string;
const current = (): string => join(root, "pki", "kubelet-server-current.pem");

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "k0s-kubelet-"));
  mkdirSync(join(root, "pki"));
});
afterEach(() => rmSync(root, { recursive: true }));

const authority = (cn: string) => issueCa({ cn, expiresMs: day, keyType: "p256" });

const trust = (...all: { cert: string }[]) => parseTrust(all.map(({ cert }) => cert).join(""), "ca.crt");

async function serveWith(ca: { cert: string; key: string }): Promise<void> {
  const { cert, key } = await issueLeaf({
    ca,
    cn: "system:node:w",
    sans: ["w"],
    expiresMs: day,
    keyType: "p256",
  });
  const file = join(root, "pki", "kubelet-server-2026-11-26-10-00-00.pem");
  writeFileSync(file, `${cert}${key}`);
  rmSync(current(), { force: true });
  symlinkSync(file, current());
}

test("what the cluster's CA has signed goes, what kubelets' own authority has signed stays", async () => {
  const [cluster, serving] = [await authority("kubernetes-ca"), await authority("kubelet-serving-ca")];
  await serveWith(cluster);
  expect(await dropOldServingCertificate(root, trust(cluster))).toBe(true);
  expect(existsSync(current())).toBe(false);
  await serveWith(serving);
  expect(await dropOldServingCertificate(root, trust(cluster))).toBe(false);
  expect(existsSync(current())).toBe(true);
});

test("of a cluster with two authorities it may be either", async () => {
  const [before, now] = [await authority("kubernetes-ca"), await authority("kubernetes-ca")];
  await serveWith(now);
  expect(await dropOldServingCertificate(root, trust(before, now))).toBe(true);
});

test("an authority of the same name is another one; nothing there and nothing readable are no reason to act", async () => {
  const [cluster, namesake] = [await authority("kubernetes-ca"), await authority("kubernetes-ca")];
  expect(await dropOldServingCertificate(root, trust(cluster))).toBe(false);
  await serveWith(namesake);
  expect(await dropOldServingCertificate(root, trust(cluster))).toBe(false);
  writeFileSync(current(), "garbage");
  expect(await dropOldServingCertificate(root, trust(cluster))).toBe(false);
  expect(existsSync(current())).toBe(true);
});
