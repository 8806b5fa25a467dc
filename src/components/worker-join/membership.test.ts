import { afterEach, beforeEach, expect, test } from "bun:test";
import { lstat, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NodePaths, nodePaths } from "../../product/paths.ts";
import { issueCa, issueLeaf } from "../../pki/issue.ts";
import { kubeletKubeconfig, storeNodeCertificate } from "./kubelet-kubeconfig.ts";
import { readSettingsCache, writeSettingsCache } from "../worker-config/cache.ts";
import { storedMembership } from "./membership.ts";
import { anchor } from "../../std/testdata/anchors.ts";
import { parseTrust, type TrustBundle } from "../../std/trust-bundle.ts";

const hour = 3_600_000;
let dir: string;
let paths: NodePaths;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "membership-"));
  paths = nodePaths({ dataDir: dir, runDir: join(dir, "run") });
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function joinAs(nodeName: string): Promise<TrustBundle> {
  const ca = await issueCa({ cn: "ca", expiresMs: 24 * hour, keyType: "p256" });
  const leaf = await issueLeaf({
    ca,
    cn: `system:node:${nodeName}`,
    o: ["system:nodes"],
    expiresMs: hour,
    keyType: "p256",
  });
  await storeNodeCertificate(
    paths,
    { server: "https://192.0.2.1:6443", ca: parseTrust(ca.cert, "ca.crt") },
    leaf,
  );
  return parseTrust(ca.cert, "ca.crt");
}

test("a host that never joined is no member", async () => {
  expect(await storedMembership(paths, "web")).toEqual({ state: "none" });
});

test("what is stored is found again, as kubelet wants it", async () => {
  const ca = await joinAs("web");
  expect(await storedMembership(paths, "web")).toEqual({
    state: "member",
    cluster: { server: "https://192.0.2.1:6443", ca },
  });
  const current = join(paths.kubeletRootDir, "pki/kubelet-client-current.pem");
  expect((await lstat(current)).isSymbolicLink()).toBe(true);
  expect((await stat(current)).mode & 0o777).toBe(0o600);
  expect((await stat(paths.kubeletKubeconfig)).mode & 0o777).toBe(0o600);
  expect(await readFile(current, "utf8")).toContain("PRIVATE KEY");
});

test("another name, an expired or a lost certificate are told", async () => {
  await joinAs("web");
  const problem = (work: Promise<unknown>): Promise<unknown> => work.catch((err: unknown) => err);
  expect(await problem(storedMembership(paths, "db"))).toMatchObject({ code: "name-changed" });
  const later = new Date(Date.now() + 2 * hour);
  expect(await storedMembership(paths, "web", later)).toMatchObject({ state: "expired" });
  await rm(join(paths.kubeletRootDir, "pki"), { recursive: true });
  expect(await problem(storedMembership(paths, "web"))).toMatchObject({ code: "bad-kubelet-conf" });
});

test("the balancer's kubeconfig differs in the server only", () => {
  const direct = kubeletKubeconfig(paths, { server: "https://192.0.2.1:6443", ca: anchor });
  const balanced = kubeletKubeconfig(paths, { server: "https://127.0.0.1:7443", ca: anchor });
  expect(balanced).toBe(direct.replace("192.0.2.1:6443", "127.0.0.1:7443"));
});

test("settings are kept for their own profile and version only", async () => {
  await writeSettingsCache(paths, { name: "worker-config-default-1.37", data: { a: "1" } });
  expect(await readSettingsCache(paths, "worker-config-default-1.37")).toEqual({
    name: "worker-config-default-1.37",
    data: { a: "1" },
  });
  expect(await readSettingsCache(paths, "worker-config-default-1.38")).toBeUndefined();
});
