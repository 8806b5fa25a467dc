import { afterEach, beforeEach, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runOrThrow } from "../os/exec.ts";
import { beginsCluster, ensureKubeletServingCa } from "./kubelet-serving-ca.ts";
import { issueCa, issueLeaf } from "./issue.ts";
import { generateKeyPem } from "./keys.ts";
import { day, later, now, type PkiFixture, pkiFixture, users, year } from "./testdata/pki-fixture.ts";

let pki: PkiFixture;

beforeEach(() => {
  pki = pkiFixture();
});

afterEach(() => pki.remove());

const own = "kubelet-serving-ca.crt";
const key = "kubelet-serving-ca.key";
const bundle = "kubelet-serving-bundle.crt";

async function ensure(at = now, newCluster = false, dir = pki.dir): Promise<void> {
  await ensureKubeletServingCa({
    pkiDir: dir,
    keyOwner: { ...users["kube-controller-manager"], gid: 0 },
    expiresMs: 10 * year,
    newCluster,
    now: at,
    log: pki.log,
  });
}

async function putClusterCa(): Promise<void> {
  const { cert, key: caKey } = await issueCa({
    cn: "kubernetes-ca",
    expiresMs: 10 * year,
    keyType: "p256",
    now,
  });
  writeFileSync(pki.file("ca.crt"), cert);
  writeFileSync(pki.file("ca.key"), caKey);
}

/** What the bundle holds, in words. */
function bundled(name = bundle): readonly string[] {
  const names = new Map([
    [pki.read("ca.crt").trim(), "cluster"],
    [pki.exists(own) ? pki.read(own).trim() : "", "own"],
  ]);
  return pki
    .read(name)
    .split(/(?<=-----END CERTIFICATE-----)\n/)
    .filter(Boolean)
    .map((pem) => names.get(pem.trim()) ?? "stranger");
}

test("a new cluster trusts for kubelets what its own authority has signed, and nothing that the cluster's CA has", async () => {
  await putClusterCa();
  expect(await beginsCluster(pki.dir)).toBe(true);
  await ensure(now, true);
  expect(bundled()).toEqual(["own"]);
  expect(statSync(pki.file(key)).mode & 0o777).toBe(0o640);
  if (process.geteuid?.() === 0)
    expect(statSync(pki.file(key)).uid).toBe(users["kube-controller-manager"].uid);
  const sign = async (name: string, ca: string): Promise<void> => {
    const pair = { cert: pki.read(`${ca}.crt`), key: pki.read(`${ca}.key`) };
    const { cert } = await issueLeaf({ ca: pair, cn: "system:node:w", sans: ["w"], expiresMs: year, now });
    writeFileSync(pki.file(name), cert);
  };
  await sign("kubelet.crt", "kubelet-serving-ca");
  await sign("server.crt", "ca");
  await pki.verify(bundle, "kubelet.crt");
  await pki.verify("ca.crt", "server.crt");
  expect(pki.verify("ca.crt", "kubelet.crt")).rejects.toThrow();
  expect(pki.verify(bundle, "server.crt")).rejects.toThrow();
  expect(await beginsCluster(pki.dir)).toBe(false);
});

test("an upgraded one accepts both until the last old certificate has ended, and stays with one then", async () => {
  await putClusterCa();
  await ensure();
  expect(bundled()).toEqual(["own", "cluster"]);
  const first = pki.read(own);
  await ensure(later(365 * day));
  expect(bundled()).toEqual(["own", "cluster"]);
  await ensure(later(367 * day));
  expect(bundled()).toEqual(["own"]);
  await ensure(later(380 * day));
  expect(bundled()).toEqual(["own"]);
  expect(pki.read(own)).toBe(first);
});

test("controllers of one cluster have the same key without telling it, and a joining one takes over the certificate", async () => {
  await putClusterCa();
  await ensure(now, true);
  const other = join(pki.dir, "other");
  mkdirSync(other);
  for (const name of ["ca.crt", "ca.key"]) copyFileSync(pki.file(name), join(other, name));
  await ensure(later(day), false, other);
  expect(pki.read(`other/${key}`)).toBe(pki.read(key));
  expect(pki.read(`other/${own}`)).not.toBe(pki.read(own));

  rmSync(join(other, own));
  rmSync(join(other, key));
  copyFileSync(pki.file(bundle), join(other, bundle));
  await ensure(later(100 * day), false, other);
  expect(pki.read(`other/${own}`)).toBe(pki.read(own));
  expect(bundled(`other/${bundle}`)).toEqual(["own"]);
});

test("a host that joined through a controller of the past accepts both", async () => {
  await putClusterCa();
  copyFileSync(pki.file("ca.crt"), pki.file(bundle));
  await ensure(now, true);
  expect(bundled()).toEqual(["own", "cluster"]);
});

test.each([
  ["the key is lost", key, undefined],
  ["the key is another one", key, "another"],
  ["the key is damaged", key, "garbage"],
  ["the certificate is damaged", own, "garbage"],
])("%s: it is made again, and what was signed is still good", async (_, name, content) => {
  await putClusterCa();
  await ensure(now, true);
  const before = { key: pki.read(key), own: pki.read(own) };
  if (content === undefined) rmSync(pki.file(name));
  else writeFileSync(pki.file(name), content === "another" ? await generateKeyPem("p256") : content);
  await ensure(later(day));
  // The certificate comes back from the bundle.
  expect({ key: pki.read(key), own: pki.read(own) }).toEqual(before);
  expect(bundled()).toEqual(["own"]);
});

test("a damaged bundle could have been that of an upgraded cluster: nobody is cut off", async () => {
  await putClusterCa();
  await ensure(now, true);
  writeFileSync(pki.file(bundle), "garbage");
  await ensure(later(day));
  expect(bundled()).toEqual(["own", "cluster"]);
  await ensure(later(367 * day));
  expect(bundled()).toEqual(["own"]);
});

test("an ageing authority gets another certificate, which what was signed before accepts", async () => {
  await putClusterCa();
  await ensure(now, true);
  const { cert } = await issueLeaf({
    ca: { cert: pki.read(own), key: pki.read(key) },
    cn: "system:node:w",
    sans: ["w"],
    expiresMs: year,
    now: later(6 * year),
  });
  writeFileSync(pki.file("kubelet.crt"), cert);
  const first = pki.read(own);
  await ensure(later(7 * year));
  expect(pki.read(own)).not.toBe(first);
  await pki.verify(own, "kubelet.crt");
});

test("another cluster CA means another authority", async () => {
  await putClusterCa();
  await ensure(now, true);
  const before = pki.read(key);
  await putClusterCa();
  await ensure(later(day));
  expect(pki.read(key)).not.toBe(before);
  await runOrThrow("openssl", ["verify", "-no_check_time", "-CAfile", pki.file(own), pki.file(own)]);
});

test("where the key of the cluster's CA is elsewhere, its certificates are what there is", async () => {
  await putClusterCa();
  rmSync(pki.file("ca.key"));
  await ensure(now, true);
  expect(bundled()).toEqual(["cluster"]);
  expect(pki.exists(own)).toBe(false);
  expect(pki.exists(key)).toBe(false);
});

test("a pair whose cluster key was taken away later goes on", async () => {
  await putClusterCa();
  await ensure(now, true);
  const before = pki.read(own);
  rmSync(pki.file("ca.key"));
  await ensure(later(9 * year));
  expect(pki.read(own)).toBe(before);
  expect(bundled()).toEqual(["own"]);
});
