import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodePaths, type NodePaths } from "../../product/paths.ts";
import { checkClusterConfig } from "../../config/validate.ts";
import { UserError } from "../../std/errors.ts";
import { silentProgress } from "../../std/progress.ts";
import { silentLog } from "../../supervisor/testdata/recording-log.ts";
import { encodeJoinToken } from "../../token/join-token.ts";
import type { JoinTokenSource } from "../../token/read-token.ts";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import { lastingFactsOf, writeClusterFacts } from "./cluster-facts.ts";
import { joinSession } from "./session.ts";
import { anchor, otherAnchor } from "../../std/testdata/anchors.ts";
import { joinTrust, type TrustBundle } from "../../std/trust-bundle.ts";

let paths: NodePaths;

beforeEach(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "k0s-join-"));
  paths = nodePaths({ dataDir, runDir: join(dataDir, "run") });
});

afterEach(async () => {
  await rm(paths.dataDir, { recursive: true, force: true });
});

/** A host that belongs to the cluster of this CA. */
async function member(ca: TrustBundle): Promise<void> {
  await mkdir(join(paths.etcdDataDir, "member/wal"), { recursive: true });
  await mkdir(paths.pkiDir, { recursive: true });
  await writeFile(join(paths.etcdDataDir, "member/wal/0000000000000000-0000000000000000.wal"), "");
  await writeFile(join(paths.pkiDir, "ca.crt"), ca.pem);
}

/** A host that took over the authority of a cluster on a shared database, and was killed. */
async function tookOver(ca: TrustBundle, noted?: { readonly clusterUid: string }): Promise<void> {
  await mkdir(paths.pkiDir, { recursive: true });
  await writeFile(join(paths.pkiDir, "ca.crt"), ca.pem);
  await writeFile(join(paths.pkiDir, "ca.key"), "");
  await writeFile(join(paths.dataDir, "join-state.json"), '{"phase":"joining"}');
  if (noted !== undefined) await writeClusterFacts(paths.dataDir, { ...lastingFactsOf(config()), ...noted });
}

function config(): NodeConfig {
  return checkClusterConfig({}, { single: false, dataDir: paths.dataDir, publicAddress: "192.0.2.1" }).config;
}

async function begin(
  token: string | JoinTokenSource | undefined,
  { managedEtcd = true, signal = new AbortController().signal } = {},
): Promise<string> {
  const session = joinSession({
    config: config(),
    paths,
    source: typeof token === "string" ? { kind: "value", from: "argument", token } : token,
    name: "c1",
    version: "v1.37.2+k0s.0",
    managedEtcd,
    users: new Map(),
    log: silentLog,
    progress: silentProgress,
  });
  try {
    await session.join.start(signal);
    return "started";
  } catch (err) {
    return err instanceof UserError ? err.code : String(err);
  }
}

function tokenWith(ca: TrustBundle): string {
  const server = "https://192.0.2.1:9443";
  return encodeJoinToken({
    server,
    ca,
    token: "abcdef.0123456789abcdef",
    role: "controller",
    expires: undefined,
  });
}

test("a member starts with the token that it once joined with, or with one that is spoilt", async () => {
  await member(anchor);
  expect(await begin(tokenWith(anchor))).toBe("started");
  expect(await begin("nonsense")).toBe("started");
});

test("a member does not wait for what comes through a pipe, into which nobody may ever write", async () => {
  await member(anchor);
  const path = join(paths.dataDir, "token");
  Bun.spawnSync(["mkfifo", path]);
  const begun = begin({ kind: "file", path });
  const outcome = await Promise.race([begun, Bun.sleep(2_000).then(() => "waits")]);
  // Ends what waits.
  if (outcome === "waits") await Promise.all([writeFile(path, "nonsense"), begun]);
  expect(outcome).toBe("started");
  await writeFile(join(paths.dataDir, "another"), tokenWith(otherAnchor));
  expect(await begin({ kind: "file", path: join(paths.dataDir, "another") })).toBe("token-cluster");
}, 20_000);

// The cluster may have made a voter of it before k0s was killed: of two, the other one answers nobody without it.
test("one whose etcd has begun goes on with it while nobody answers", async () => {
  await member(anchor);
  await writeFile(join(paths.dataDir, "join-state.json"), '{"phase":"joining"}');
  expect(await begin(tokenWith(anchor))).toBe("started");
}, 20_000);

test("how far the join has come is never guessed from a file that says nothing", async () => {
  await member(anchor);
  for (const text of ["", "{", "{}", '{"phase":"joined"}', "\0\0\0\0"]) {
    await writeFile(join(paths.dataDir, "join-state.json"), text);
    expect([text, await begin(tokenWith(anchor))]).toEqual([text, "join-state-unreadable"]);
  }
  await writeFile(join(paths.dataDir, "join-state.json"), '{"phase":"member"}');
  expect(await begin(tokenWith(anchor))).toBe("started");
});

test("a token of another cluster is a mistake", async () => {
  await member(anchor);
  expect(await begin(tokenWith(otherAnchor))).toBe("token-cluster");
});

test("while one authority takes another's place, a token of one of them is a token of this cluster", async () => {
  await member(joinTrust(otherAnchor, anchor));
  expect(await begin(tokenWith(anchor))).toBe("started");
  await member(anchor);
  expect(await begin(tokenWith(joinTrust(anchor, otherAnchor)))).toBe("started");
});

test("on a shared database, one that took over everything and was killed belongs to its cluster", async () => {
  await tookOver(anchor, { clusterUid: "u-1" });
  for (const token of [undefined, tokenWith(anchor)]) {
    expect(await begin(token, { managedEtcd: false })).toBe("started");
  }
  expect(await begin(tokenWith(otherAnchor), { managedEtcd: false })).toBe("token-cluster");
});

// Without the cluster's uid nothing would tell an empty database from that of the cluster.
test("on a shared database, one that was killed before it knew its cluster asks again", async () => {
  await tookOver(anchor);
  const signal = AbortSignal.timeout(500);
  expect(await begin(tokenWith(anchor), { managedEtcd: false, signal })).toContain("TimeoutError");
  expect(await begin(undefined, { managedEtcd: false })).toBe("join-unfinished");
});
