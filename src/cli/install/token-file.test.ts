import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseTrust } from "../../std/trust-bundle.ts";
import { storeNodeCertificate } from "../../components/worker-join/kubelet-kubeconfig.ts";
import { checkClusterConfig } from "../../config/validate.ts";
import { issueCa, issueLeaf } from "../../pki/issue.ts";
import { type NodePaths, nodePaths } from "../../product/paths.ts";
import { testIo } from "../core/test-io.ts";
import { checkTokenFile, controllerNeedsToken, type NeedsToken, workerNeedsToken } from "./token-file.ts";

let dir: string;
let paths: NodePaths;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-install-"));
  paths = nodePaths({ dataDir: dir, runDir: join(dir, "run") });
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function has(path: string, text = ""): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function said(needsToken: NeedsToken, tokenFile = join(dir, "token")): Promise<string> {
  const io = testIo();
  await checkTokenFile(tokenFile, () => needsToken(paths), io);
  return io.stderr().replaceAll(dir, "");
}

const missing = "/token does not exist yet: the service needs it to join\n";
const controller: NeedsToken = (at) => {
  const defaults = { single: false, dataDir: dir, publicAddress: "192.0.2.1" };
  return controllerNeedsToken(checkClusterConfig({}, defaults).config)(at);
};
const worker = workerNeedsToken({ kubeletExtraArgs: {} });

test("a controller needs its token until a start would not read it", async () => {
  expect(await said(controller)).toBe(missing);
  await has(join(paths.pkiDir, "ca.crt"));
  await has(join(dir, "join-state.json"), '{"phase":"joining"}');
  expect(await said(controller), "taken over, and not yet a member").toBe(missing);
  await has(join(paths.etcdDataDir, "member/wal/0-0.wal"));
  expect(await said(controller), "etcd has begun").toBe(missing);
  await has(join(dir, "join-state.json"), '{"phase":"member"}');
  expect(await said(controller)).toBe("");
  await rm(paths.etcdDataDir, { recursive: true });
  expect(await said(controller), "its data are gone").toBe(missing);
}, 60_000);

test("a worker needs it until its certificate or a bootstrap file is there", async () => {
  expect(await said(worker)).toBe(missing);
  const ca = await issueCa({ cn: "ca", expiresMs: 3_600_000, keyType: "p256" });
  const store = async (expiresMs: number): Promise<void> => {
    const cn = `system:node:${hostname().toLowerCase()}`;
    const leaf = await issueLeaf({ ca, cn, o: ["system:nodes"], expiresMs, keyType: "p256" });
    const server = "https://192.0.2.1:6443";
    await storeNodeCertificate(paths, { server, ca: parseTrust(ca.cert, "ca.crt") }, leaf);
  };
  await store(3_600_000);
  expect(await said(worker)).toBe("");
  await store(-1_000);
  expect(await said(worker), "the certificate has expired").toBe(missing);
  await has(paths.kubeletBootstrapKubeconfig);
  expect(await said(worker)).toBe("");
}, 60_000);

test("a token file that every user can read is told, whether it is needed or not", async () => {
  const token = join(dir, "token");
  await has(token);
  const never = async (): Promise<boolean> => false;
  await chmod(token, 0o644);
  expect(await said(never)).toBe("/token can be read by every user of this host: chmod 600 '/token'\n");
  await chmod(token, 0o600);
  expect(await said(never)).toBe("");
  expect(await said(never, "")).toBe("");
});

test("a pipe is not there any more when the service starts: it is refused if the token is needed", async () => {
  Bun.spawnSync(["mkfifo", "-m", "644", join(dir, "token")]);
  expect(said(worker)).rejects.toThrow("/token is not a file");
  expect(await said(async () => false)).toContain("can be read by every user");
});

test("what a shell has opened for this command alone is refused, too, though a file is behind it", async () => {
  await has(join(dir, "token"), "T");
  await using opened = await open(join(dir, "token"));
  const refusal = (path: string) => said(worker, path).then(() => "taken", String);
  for (const place of ["/dev/fd", "/proc/self/fd", `/proc/${process.pid}/fd`])
    expect(await refusal(`${place}/${opened.fd}`)).toContain("is not a file");
  expect(await refusal("/dev/stdin")).toContain("is not a file");
  expect(await refusal(join(dir, "token"))).toBe("taken");
});
