import { afterEach, beforeEach, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { chmodSync, copyFileSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configDefaultsFor } from "../config/cluster-config.ts";
import { apiServerSans } from "../config/derived.ts";
import { nodePaths } from "../product/paths.ts";
import { runOrThrow } from "../os/exec.ts";
import { parseYaml } from "../std/yaml.ts";
import { ensureClusterPki, ensureEtcdPki, ensurePki } from "./ensure.ts";
import { etcdPkiSpec } from "./etcd-spec.ts";
import { issueCa, issueLeaf } from "./issue.ts";
import { furtherContexts, kubeconfigYaml } from "../kube/kubeconfig.ts";
import { day, issued, later, now, pkiFixture, usersByName, year } from "./testdata/pki-fixture.ts";
import type { PkiFixture } from "./testdata/pki-fixture.ts";
import { parseTrust } from "../std/trust-bundle.ts";

let pki: PkiFixture;

beforeEach(() => {
  pki = pkiFixture();
});

afterEach(() => pki.remove());

test("a new controller gets everything, exact modes and owners, valid to the strict", async () => {
  const paths = nodePaths({ dataDir: pki.dir, runDir: join(pki.dir, "run") });
  const config = configDefaultsFor({ single: false, dataDir: pki.dir, publicAddress: "10.0.0.1" });
  await ensureClusterPki({
    config,
    paths,
    users: usersByName,
    log: pki.log,
    sans: apiServerSans(config, { addresses: ["fd00::1"] }),
  });
  await ensureEtcdPki({ config, paths, users: usersByName, log: pki.log });
  const made = pkiFixture(paths.pkiDir);
  const leaves = [
    "server",
    "k0s-api",
    "admin",
    "konnectivity",
    "ccm",
    "scheduler",
    "apiserver-kubelet-client",
  ];
  await made.verify("ca.crt", ...leaves.map((name) => `${name}.crt`));
  await made.verify("front-proxy-ca.crt", "front-proxy-client.crt");
  await made.verify("etcd/ca.crt", "etcd/server.crt", "etcd/peer.crt", "apiserver-etcd-client.crt");
  // Tokens are signed with RSA, and tools of all kinds read the administrator's key.
  for (const name of ["sa", "etcd/jwt", "admin"]) {
    expect(made.read(`${name}.key`)).toStartWith("-----BEGIN RSA PRIVATE KEY-----");
    await runOrThrow("openssl", ["rsa", "-in", made.file(`${name}.key`), "-check", "-noout"]);
  }
  for (const name of ["ca", "front-proxy-ca", "etcd/ca", "server", "k0s-api", "etcd/peer", "scheduler"]) {
    expect(made.read(`${name}.key`)).toStartWith("-----BEGIN EC PRIVATE KEY-----");
    await runOrThrow("openssl", ["ec", "-in", made.file(`${name}.key`), "-check", "-noout"]);
  }

  const expected: Record<string, [number, number]> = {
    ".": [0o751, 0],
    "ca.crt": [0o644, 0],
    "ca.key": [0o640, 1004],
    "front-proxy-ca.key": [0o640, 0],
    "server.crt": [0o644, 1001],
    "server.key": [0o640, 1001],
    "admin.key": [0o640, 0],
    "scheduler.key": [0o640, 1002],
    "sa.key": [0o640, 1001],
    "sa.pub": [0o644, 0],
    "admin.conf": [0o600, 0],
    "ccm.conf": [0o600, 1004],
    "scheduler.conf": [0o600, 1002],
    "konnectivity.conf": [0o640, 0],
    etcd: [0o711, 1003],
    "etcd/ca.key": [0o640, 1003],
    "etcd/jwt.pub": [0o644, 1003],
    "apiserver-etcd-client.key": [0o640, 1001],
  };
  for (const [name, [mode, uid]] of Object.entries(expected)) {
    const info = statSync(made.file(name));
    expect({ name, mode: info.mode & 0o7777, uid: info.uid, gid: info.gid }).toEqual({
      name,
      mode,
      uid,
      gid: 0,
    });
  }

  const text = await runOrThrow("openssl", [
    "x509",
    "-in",
    made.file("server.crt"),
    "-noout",
    "-subject",
    "-ext",
    "subjectAltName,keyUsage,extendedKeyUsage",
  ]);
  expect(text).toContain("subject=O = kubernetes, CN = kubernetes");
  expect(text).toContain("DNS:kubernetes.default.svc.cluster.local.");
  expect(text).toContain("IP Address:10.96.0.1");
  expect(text).toContain("TLS Web Server Authentication, TLS Web Client Authentication");
});

test("a second start keeps every byte", async () => {
  await pki.ensure();
  const before = ["server.crt", "sa.key", "admin.conf"].map((name) => [
    pki.read(name),
    statSync(pki.file(name)).ino,
  ]);
  const steps = await pki.ensure(later(day));
  expect(issued(pki, steps)).toEqual([]);
  expect(
    ["server.crt", "sa.key", "admin.conf"].map((name) => [pki.read(name), statSync(pki.file(name)).ino]),
  ).toEqual(before);
});

test("kubeconfigs are upstream's, and follow the certificate and the server", async () => {
  await pki.ensure();
  const parsed = parseYaml(pki.read("admin.conf"), { source: "admin.conf" });
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  expect(parsed).toEqual({
    apiVersion: "v1",
    kind: "Config",
    preferences: {},
    "current-context": "Default",
    clusters: [
      {
        name: "local",
        cluster: {
          server: "https://localhost:6443",
          "certificate-authority-data": base64(pki.read("ca.crt")),
        },
      },
    ],
    contexts: [{ name: "Default", context: { cluster: "local", user: "user" } }],
    users: [
      {
        name: "user",
        user: {
          "client-certificate-data": base64(pki.read("admin.crt")),
          "client-key-data": base64(pki.read("admin.key")),
        },
      },
    ],
  });
  await pki.ensure(later(day), { server: "https://10.0.0.1:6443" });
  expect(pki.read("admin.conf")).toContain("server: https://10.0.0.1:6443");
  writeFileSync(pki.file("ccm.conf"), "damaged");
  chmodSync(pki.file("scheduler.conf"), 0o644);
  await pki.ensure(later(day));
  expect(pki.read("ccm.conf")).toContain("client-key-data");
  expect(statSync(pki.file("scheduler.conf")).mode & 0o777).toBe(0o600);
});

test("admin.conf keeps the contexts of other controllers, also when its certificate is renewed; a damaged one does not", async () => {
  await pki.ensure();
  const others = [{ name: "controller-c2", server: "https://10.0.0.2:6443" }];
  const withOthers = kubeconfigYaml({
    server: "https://localhost:6443",
    ca: parseTrust(pki.read("ca.crt"), "ca.crt"),
    cert: pki.read("admin.crt"),
    key: pki.read("admin.key"),
    others,
  });
  writeFileSync(pki.file("admin.conf"), withOthers);
  await pki.ensure(later(day));
  expect(pki.read("admin.conf")).toBe(withOthers);
  await pki.ensure(later(year / 2));
  expect(pki.read("admin.conf")).not.toBe(withOthers);
  expect(furtherContexts(pki.read("admin.conf"))).toEqual(others);
  writeFileSync(pki.file("admin.conf"), "\t: {damaged");
  await pki.ensure(later(year / 2));
  expect(pki.read("admin.conf")).toContain("https://localhost:6443");
});

test("a leaf is issued anew when it ages, lacks a name, has a name too many, or another subject", async () => {
  await pki.ensure();
  expect(issued(pki, await pki.ensure(later(0.39 * year)))).toEqual([]);
  expect(
    issued(pki, await pki.ensure(later(0.41 * year), { sans: ["kubernetes", "10.0.0.1", "fd00:0::1"] })),
  ).toHaveLength(8);
  expect(issued(pki, await pki.ensure(later(0.42 * year), { sans: ["kubernetes", "10.0.0.1"] }))).toEqual([]);
  expect(issued(pki, await pki.ensure(later(0.42 * year), { sans: ["kubernetes", "10.0.0.2"] }))).toEqual([
    "server: names-changed",
    "konnectivity: names-changed",
    "k0s-api: names-changed",
  ]);
  expect(issued(pki, await pki.ensure(later(0.42 * year), { sans: ["10.0.0.2"] }))).toEqual([
    "server: names-changed",
    "konnectivity: names-changed",
    "k0s-api: names-changed",
  ]);
  await pki.verify("ca.crt", "server.crt");
});

test("a leaf that lives for minutes is not old when it is new", async () => {
  const minute = 60_000;
  const short = { leafExpiresMs: 5 * minute };
  await pki.ensure(now, short);
  expect(issued(pki, await pki.ensure(later(minute), short))).toEqual([]);
  expect(issued(pki, await pki.ensure(later(3 * minute), short))).toHaveLength(8);
});

test("missing, damaged or mismatching leaves are made anew", async () => {
  await pki.ensure();
  rmSync(pki.file("admin.crt"));
  rmSync(pki.file("ccm.key"));
  writeFileSync(pki.file("server.crt"), "garbage");
  copyFileSync(pki.file("k0s-api.key"), pki.file("scheduler.key"));
  expect(issued(pki, await pki.ensure())).toEqual([
    "server: unparsable",
    "admin: missing",
    "ccm: missing",
    "scheduler: key-mismatch",
  ]);
  await pki.verify("ca.crt", "server.crt", "admin.crt", "ccm.crt", "scheduler.crt");
});

test("a new authority issues its leaves anew, also one that a user put there", async () => {
  await pki.ensure();
  const custom = await issueCa({ cn: "our own authority", expiresMs: 5 * year, keyType: "p256", now });
  writeFileSync(pki.file("ca.crt"), custom.cert);
  writeFileSync(pki.file("ca.key"), custom.key);
  expect(issued(pki, await pki.ensure())).toHaveLength(7);
  expect(pki.read("ca.crt")).toBe(custom.cert);
  await pki.verify("ca.crt", "server.crt", "admin.crt");
  rmSync(pki.file("ca.crt"));
  rmSync(pki.file("ca.key"));
  expect(issued(pki, await pki.ensure())).toHaveLength(7);
  await pki.verify("ca.crt", "server.crt", "admin.crt");
});

test("an authority made by openssl signs leaves that verify strictly", async () => {
  const request = [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "3650",
    "-subj",
    "/O=Example/CN=Example Root",
  ];
  const usage = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"];
  await runOrThrow("openssl", [
    ...request,
    ...usage,
    "-keyout",
    pki.file("ca.key"),
    "-out",
    pki.file("ca.crt"),
  ]);
  await pki.ensure(new Date(Date.now() + 60_000));
  await pki.verify("ca.crt", "server.crt", "admin.crt");
});

test("RSA keys of an earlier release stay; their authority signs what is renewed, with keys on P-256", async () => {
  const rsa = await issueCa({ cn: "kubernetes-ca", expiresMs: 10 * year, keyType: "rsa2048", now });
  writeFileSync(pki.file("ca.crt"), rsa.cert);
  writeFileSync(pki.file("ca.key"), rsa.key);
  const leaf = { ca: rsa, o: ["system:kube-scheduler"], expiresMs: year, keyType: "rsa2048", now } as const;
  const scheduler = await issueLeaf({ ...leaf, cn: "system:kube-scheduler" });
  writeFileSync(pki.file("scheduler.crt"), scheduler.cert);
  writeFileSync(pki.file("scheduler.key"), scheduler.key);
  expect(issued(pki, await pki.ensure())).not.toContainEqual(expect.stringContaining("scheduler"));
  expect(pki.read("scheduler.key")).toBe(scheduler.key);
  await pki.verify("ca.crt", "scheduler.crt", "server.crt", "admin.crt");
  expect(await usageOf("scheduler.crt")).toBe("Digital Signature, Key Encipherment");
  expect(issued(pki, await pki.ensure(later(year / 2)))).toContain("scheduler: ages");
  expect([pki.read("ca.key"), pki.read("ca.crt")]).toEqual([rsa.key, rsa.cert]);
  expect(pki.read("scheduler.key")).toStartWith("-----BEGIN EC PRIVATE KEY-----");
  await pki.verify("ca.crt", "scheduler.crt", "server.crt", "admin.crt");
  expect(await usageOf("scheduler.crt")).toBe("Digital Signature");
});

/** Which uses of its key a certificate allows, in openssl's words. */
async function usageOf(name: string): Promise<string | undefined> {
  const text = await runOrThrow("openssl", ["x509", "-in", pki.file(name), "-noout", "-ext", "keyUsage"]);
  return text.trim().split("\n").at(-1)?.trim();
}

test("certificates of a foreign issuer are kept in silence", async () => {
  await pki.ensure();
  const foreign = await issueCa({ cn: "foreign", expiresMs: year, keyType: "p256", now });
  writeFileSync(pki.file("server.crt"), foreign.cert);
  writeFileSync(pki.file("server.key"), foreign.key);
  expect(issued(pki, await pki.ensure())).toEqual([]);
  expect(pki.read("server.crt")).toBe(foreign.cert);
  expect(pki.warnings).toEqual([]);
});

test("leaves never outlive their authority", async () => {
  await pki.ensure(now, { caExpiresMs: 30 * day });
  const end = (name: string) => runOrThrow("openssl", ["x509", "-in", pki.file(name), "-noout", "-enddate"]);
  expect(await end("server.crt")).toBe(await end("ca.crt"));
});

test("what belongs to a feature that is off is removed or never made", async () => {
  await pki.ensure();
  await pki.ensure(now, { konnectivity: false, joinApi: false });
  expect(["crt", "key", "conf"].some((kind) => pki.exists(`konnectivity.${kind}`))).toBe(false);
});

test("owners and modes are put right again", async () => {
  await pki.ensure();
  chmodSync(pki.file("sa.key"), 0o644);
  chmodSync(pki.dir, 0o755);
  await pki.ensure(now, {
    users: new Map([
      ...usersByName,
      ["kube-apiserver", { uid: 2001, gid: 9 }],
      ["kube-controller-manager", { uid: 2002, gid: 9 }],
    ]),
  });
  expect(statSync(pki.file("sa.key"))).toMatchObject({ uid: 2001, gid: 0 });
  expect(statSync(pki.file("sa.key")).mode & 0o777).toBe(0o640);
  expect(statSync(pki.dir).mode & 0o777).toBe(0o751);
  expect(statSync(pki.file("ccm.conf")).uid).toBe(2002);
});

test("a peer that moves to another address gets another certificate", async () => {
  const etcd = (peerAddress: string) =>
    ensurePki(
      etcdPkiSpec({
        pkiDir: pki.dir,
        etcdPkiDir: join(pki.dir, "etcd"),
        peerAddress,
        users: usersByName,
        caExpiresMs: 10 * year,
        leafExpiresMs: year,
      }),
      pki.log,
      now,
    );
  await etcd("10.0.0.1");
  expect(issued(pki, await etcd("10.0.0.2"))).toEqual(["etcd/peer: subject-changed"]);
  expect(issued(pki, await etcd("10.0.0.2"))).toEqual([]);
});

test("an authority's file may hold others that are trusted: all of them reach kubeconfigs, the one of the key signs", async () => {
  await pki.ensure();
  const [own, conf] = [pki.read("ca.crt"), pki.read("admin.conf")];
  const other = await issueCa({ cn: "kubernetes-ca", expiresMs: 5 * year, keyType: "p256", now });
  for (const text of [own + other.cert, other.cert + own]) {
    writeFileSync(pki.file("ca.crt"), text);
    expect(issued(pki, await pki.ensure())).toEqual([]);
    expect(pki.read("ca.crt")).toBe(text);
    expect(pki.read("admin.conf")).toContain(Buffer.from(text).toString("base64"));
  }
  rmSync(pki.file("server.crt"));
  expect(issued(pki, await pki.ensure())).toEqual(["server: missing"]);
  writeFileSync(pki.file("ca.crt"), own);
  await pki.verify("ca.crt", "server.crt", "admin.crt");
  await pki.ensure();
  expect(pki.read("admin.conf")).toBe(conf);
});

test("a key whose certificate is none of those in the file is refused", async () => {
  await pki.ensure();
  const other = (cn: string) => issueCa({ cn, expiresMs: year, keyType: "p256", now });
  writeFileSync(
    pki.file("ca.crt"),
    (await other("kubernetes-ca")).cert + (await other("kubernetes-ca")).cert,
  );
  expect(pki.ensure()).rejects.toMatchObject({ code: "ca-key-mismatch" });
});

test("lifetimes of k0s.yaml: of the cluster's authority and of etcd's, and of what they sign", async () => {
  const paths = nodePaths({ dataDir: pki.dir, runDir: join(pki.dir, "run") });
  const usual = configDefaultsFor({ single: false, dataDir: pki.dir, publicAddress: "10.0.0.1" });
  const { api, storage } = usual.spec;
  const ofApi = { ...api, ca: { expiresAfter: "48h", certificatesExpireAfter: "2h" } };
  const ofEtcd = { ...storage.etcd, ca: { expiresAfter: "96h", certificatesExpireAfter: "4h" } };
  const spec = { ...usual.spec, api: ofApi, storage: { ...storage, etcd: ofEtcd } };
  const config = { ...usual, spec };
  await ensureClusterPki({ config, paths, users: usersByName, log: pki.log, sans: [] });
  await ensureEtcdPki({ config, paths, users: usersByName, log: pki.log });
  const hours = (name: string): number => {
    const { validTo } = new X509Certificate(readFileSync(join(paths.pkiDir, name)));
    return Math.round((Date.parse(validTo) - Date.now()) / 3_600_000);
  };
  const names = ["ca.crt", "server.crt", "etcd/ca.crt", "etcd/server.crt"];
  expect(names.map(hours)).toEqual([48, 2, 96, 4]);
});
