// What a controller does to its files at a first start, a renewal and a join, with the checks that come before.

import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { configDefaultsFor, type ClusterConfig } from "../../../src/config/cluster-config.ts";
import { type NodePaths, nodePaths } from "../../../src/product/paths.ts";
import { answerJoinRequest } from "../../../src/components/controller-join/api.ts";
import { joinSession } from "../../../src/components/controller-join/session.ts";
import { observeJoin } from "../../../src/components/controller-join/observe.ts";
import { ensureDir } from "../../../src/os/files.ts";
import { removeStaleTemporaries } from "../../../src/os/temporary-files.ts";
import { checkClusterPki, checkEtcdPki, ensureClusterPki, ensureEtcdPki } from "../../../src/pki/ensure.ts";
import { silentProgress } from "../../../src/std/progress.ts";
import { silentLog } from "../../../src/supervisor/testdata/recording-log.ts";
import { newBootstrapSecret } from "../../../src/token/bootstrap-secret.ts";
import { encodeJoinToken } from "../../../src/token/join-token.ts";
import type { Scenario } from "./scenario.ts";
import { parseTrust } from "../../../src/std/trust-bundle.ts";

const users = new Map(
  ["kube-apiserver", "kube-scheduler", "etcd", "kube-controller-manager", "konnectivity-server"].map(
    (name, index) => [name, { uid: 1001 + index, gid: 0 }],
  ),
);

const year = 365 * 86_400_000;

interface Controller {
  readonly paths: NodePaths;
  readonly config: ClusterConfig;
  readonly managedEtcd: boolean;
}

function controllerIn(dir: string, storage: "etcd" | "kine" = "etcd"): Controller {
  const paths = nodePaths({ dataDir: join(dir, "data"), runDir: join(dir, "run") });
  const config = configDefaultsFor({ single: false, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.1" });
  if (storage === "etcd") return { paths, config, managedEtcd: true };
  config.spec.storage.type = "kine";
  config.spec.storage.kine.dataSource = "postgres://db.example/k0s";
  return { paths, config, managedEtcd: false };
}

/** The PKI part of a start of `k0s controller`, in its order: src/node/start/controller-checks.ts, src/components/controller-join/component.ts. */
async function startController(controller: Controller, token?: string, now = new Date()): Promise<void> {
  const { paths, config, managedEtcd } = controller;
  const input = { config, paths, users, log: silentLog, sans: ["192.0.2.1"], now };
  const plan = await observeJoin(paths, { managedEtcd, hasToken: token !== undefined });
  const joining = plan.kind !== "none";
  await checkClusterPki({ ...input, joining });
  if (managedEtcd) await checkEtcdPki({ ...input, joining });

  await ensureDir(paths.dataDir, { mode: 0o755 });
  await ensureDir(paths.pkiDir, { mode: 0o751 });
  await removeStaleTemporaries([paths.dataDir, paths.pkiDir, paths.etcdPkiDir]);
  const session = joinSession({
    ...controller,
    source: token === undefined ? undefined : { kind: "value", from: "argument", token },
    name: "c2",
    version: "v1.37.2+k0s.0",
    users,
    log: silentLog,
    progress: silentProgress,
  });
  const { signal } = new AbortController();
  await session.join.start(signal);
  const membership = session.etcdMembership(async () => void (await ensureEtcdPki(input)));
  if (managedEtcd) await membership.start(signal);
  await ensureClusterPki(input);
  if (!managedEtcd) return;
  await startEtcd(paths);
  await session.complete();
}

/** What tells that etcd has data. */
async function startEtcd(paths: NodePaths): Promise<void> {
  const database = join(paths.etcdDataDir, "member/wal/0000000000000000-0000000000000000.wal");
  await mkdir(dirname(database), { recursive: true });
  await writeFile(database, "");
}

/** A cluster that takes everybody in. */
export interface TestCluster extends AsyncDisposable {
  readonly token: string;
}

export async function testCluster(dir: string): Promise<TestCluster> {
  const { paths, config } = controllerIn(dir);
  const input = { config, paths, users, log: silentLog, sans: ["127.0.0.1"] };
  await ensureClusterPki(input);
  await ensureEtcdPki(input);
  const { secret, token, expires } = newBootstrapSecret("controller", 3_600_000);
  const read = (name: string): Promise<string> => readFile(join(paths.pkiDir, name), "utf8");
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    tls: { cert: await read("k0s-api.crt"), key: await read("k0s-api.key") },
    fetch: (request) =>
      answerJoinRequest(request, {
        log: silentLog,
        findToken: () => Promise.resolve(secret),
        file: async (name) => Buffer.from(await read(name)).toString("base64"),
        encryption: () => Promise.resolve(undefined),
        check: () => Promise.resolve(undefined),
        clusterUid: () => Promise.resolve("u-1"),
        admission: {
          // A joining controller looks whether somebody answers there.
          admit: () =>
            Promise.resolve({
              kind: "member",
              initialCluster: [`c1=https://127.0.0.1:${new URL(request.url).port}`],
            }),
          withdraw: () => Promise.resolve(true),
          members: () =>
            Promise.resolve([{ id: "b", name: "c2", peerUrls: ["https://192.0.2.1:2380"], isLearner: true }]),
          stop: () => Promise.resolve(),
        },
      }),
  });
  return {
    token: encodeJoinToken({
      server: `https://127.0.0.1:${server.port}`,
      ca: parseTrust(await read("ca.crt"), "ca.crt"),
      token,
      role: "controller",
      expires,
    }),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

export function controllerScenarios(cluster: TestCluster): readonly Scenario[] {
  return [
    { name: "first start", run: (dir) => startController(controllerIn(dir)) },
    {
      name: "renewal",
      prepare: (dir) => startController(controllerIn(dir)),
      run: (dir) => startController(controllerIn(dir), undefined, new Date(Date.now() + 0.9 * year)),
    },
    { name: "join with etcd", run: (dir) => startController(controllerIn(dir), cluster.token) },
    {
      name: "join with a shared database",
      run: (dir) => startController(controllerIn(dir, "kine"), cluster.token),
    },
    {
      // By mistake it made a cluster of its own first, and was killed before etcd had data.
      name: "join over an unfinished first start",
      prepare: async (dir) => {
        const { paths } = controllerIn(dir);
        await startController(controllerIn(dir));
        await rm(paths.etcdDataDir, { recursive: true });
        await rm(join(paths.dataDir, "join-state.json"));
        await rm(join(paths.pkiDir, "ca.crt"));
        await copyFile(join(paths.pkiDir, "ca.key"), join(paths.pkiDir, "ca.key.unfinished"));
        await rm(join(paths.pkiDir, "ca.key"));
      },
      run: (dir) => startController(controllerIn(dir), cluster.token),
    },
  ];
}
