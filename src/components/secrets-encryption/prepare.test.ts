import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import { generateKeyPem } from "../../pki/keys.ts";
import { nodePaths, type NodePaths } from "../../product/paths.ts";
import { clusterFactsPath } from "../controller-join/cluster-facts.ts";
import { writeJoinState } from "../controller-join/state.ts";
import { encryptionFile, readRing, ringFile, writeRing } from "./files.ts";
import { keysMark } from "./keys.ts";
import { prepareEncryption, takesPart } from "./prepare.ts";
import { plain, type Ring } from "./ring.ts";

const caKey = await generateKeyPem("p256");
let paths: NodePaths;

beforeEach(async () => {
  paths = nodePaths({ dataDir: await mkdtemp(join(tmpdir(), "k0s-encryption-")) });
  await mkdir(paths.pkiDir, { recursive: true });
  await writeFile(join(paths.pkiDir, "ca.key"), caKey);
});
afterEach(() => rm(paths.dataDir, { recursive: true, force: true }));

function node(enabled: boolean) {
  const defaults = { single: false, dataDir: paths.dataDir, publicAddress: "192.0.2.1" };
  const spec = { security: { secretsEncryption: { enabled } } };
  return { config: clusterConfigSchema(defaults).parse({ spec }), paths, user: () => undefined };
}

const prepared = (enabled: boolean): Promise<boolean> => prepareEncryption(node(enabled), "kube-apiserver");
const order = async (): Promise<readonly string[] | undefined> => (await readRing(paths))?.ring.providers;

test("a new cluster encrypts from its first Secret on, in a file for kube-apiserver alone", async () => {
  await writeJoinState(paths.dataDir, { phase: "member" });
  expect(await prepared(true)).toBe(true);
  expect(await order()).toEqual(["key-1", plain]);
  expect((await stat(encryptionFile(paths))).mode & 0o777).toBe(0o600);
});

test("in a cluster that is there controllers learn to read first", async () => {
  await writeFile(
    clusterFactsPath(paths.dataDir),
    JSON.stringify({ podCIDR: "", serviceCIDR: "", clusterDomain: "", networkProvider: "", storage: "" }),
  );
  await prepared(true);
  expect(await order()).toEqual([plain, "key-1"]);
});

test("so they do on a host that has joined", async () => {
  await writeJoinState(paths.dataDir, { phase: "member", server: "https://192.0.2.2:9443" });
  await prepared(true);
  expect(await order()).toEqual([plain, "key-1"]);
});

test("who does not want it goes on while Secrets are encrypted, and forgets it when none is", async () => {
  expect(await prepared(false)).toBe(false);
  const ring: Ring = { revision: 4, phase: "removing", providers: [plain], target: plain, since: "" };
  await writeRing(paths, { mark: keysMark(caKey), ring }, undefined);
  expect([await prepared(false), await takesPart(node(false))]).toEqual([true, true]);
  await writeRing(paths, { mark: keysMark(caKey), ring: { ...ring, phase: "stable" } }, undefined);
  expect([await takesPart(node(false)), await prepared(false)]).toEqual([false, false]);
  expect([encryptionFile(paths), ringFile(paths)].filter((path) => existsSync(path))).toEqual([]);
});

test("with the key of another CA nothing is written", async () => {
  const ring: Ring = { revision: 1, phase: "stable", providers: ["key-1"], target: "key-1", since: "" };
  const written = await writeRing(paths, { mark: "another", ring }, undefined).then(
    () => "written",
    (err: Error) => err.message,
  );
  expect(written).toContain("Secrets are encrypted with keys of another CA");
  expect(existsSync(encryptionFile(paths))).toBe(false);
});
