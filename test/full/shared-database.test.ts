// Two controllers on one PostgreSQL: the second joins by token, each sees what the other writes, one of them is enough,
// and the loss of the database is survived by both.

import { afterAll, beforeAll, expect } from "bun:test";
import {
  apiReady,
  kubectl,
  launch,
  newController,
  type TestController,
  tokenFor,
} from "../harness/controllers.ts";
import { writeClusterConfig } from "../harness/cluster-config.ts";
import { startCountingWriter } from "../harness/counting-writer.ts";
import { databaseMachine, type SqlServer } from "../harness/database-machine.ts";
import { startPostgres } from "../harness/postgres.ts";
import { scenariosOn } from "../harness/scenario.ts";
import { startNetwork, type TestNetwork } from "../harness/test-machine.ts";
import { withLogs } from "../harness/with-machine.ts";

let network: TestNetwork;
let database: SqlServer;
let dataSourceOf: (database: string) => string;
let first: TestController;
let second: TestController;
const scenario = scenariosOn(() => network);

beforeAll(async () => {
  network = await startNetwork();
  const db = await databaseMachine(network);
  database = await startPostgres(db, "s3cret");
  dataSourceOf = (name) => `postgres://k0s:s3cret@${db.machine.address}:5432/${name}`;
  const spec = { storage: { type: "kine", kine: { dataSource: dataSourceOf("k0s") } } };
  await withLogs(network, async () => {
    first = await newController(network, "c1", { spec });
    second = await newController(network, "c2", { spec, token: await tokenFor(first, "controller") });
  });
}, 600_000);

afterAll(async () => {
  await network.destroy();
}, 300_000);

const configMaps = async (one: TestController): Promise<string> =>
  kubectl(one, "get", "configmaps", "-o", "name", "--sort-by=.metadata.name");

scenario("each sees what the other writes, also by watching", async () => {
  const watch = ["k0s", "kubectl", "get", "configmaps", "--watch", "-o", "name"];
  const watching = await second.machine.start("watch", watch);
  const seen = (name: string): Promise<boolean> =>
    second.machine.waitFor(`configmap ${name} being seen`, async () =>
      (await second.machine.readLog("watch")).includes(`configmap/${name}`),
    );
  // What is listed first says that the watch begins where the list ends.
  await seen("kube-root-ca.crt");
  await kubectl(first, "create", "configmap", "from-first");
  await kubectl(second, "create", "configmap", "from-second");
  await seen("from-first");
  await watching.kill("SIGKILL");
  expect(await configMaps(first)).toBe(await configMaps(second));
});

scenario("they have the same authority and the same key of service accounts, and run no etcd", async () => {
  for (const file of ["ca.crt", "sa.pub"]) {
    const path = `/var/lib/k0s/pki/${file}`;
    expect(await second.machine.readFile(path)).toBe(await first.machine.readFile(path));
  }
  expect((await second.machine.exec(["pgrep", "-x", "etcd"])).code).toBe(1);
});

scenario("a third that names another database is turned away before its API serves anything", async () => {
  await database.sql("CREATE DATABASE other OWNER k0s");
  const machine = await network.machine({ name: "c3" });
  const spec = { storage: { type: "kine", kine: { dataSource: dataSourceOf("other") } } };
  await writeClusterConfig(machine, spec);
  await machine.writeFile("/root/token", await tokenFor(first, "controller"), 0o600);
  const command = ["timeout", "200", "k0s", "controller", "--token-file", "/root/token"];
  const { code, stderr } = await machine.exec(command);
  expect([code, stderr]).toEqual([1, expect.stringContaining("holds nothing of the cluster")]);
  expect((await machine.exec(["pgrep", "-f", "kube-apiserver"])).code).toBe(1);
  await machine.destroy();
});

scenario("the database dies under load: both come back, nothing is lost", async () => {
  const kubeconfig = await second.machine.readFile("/var/lib/k0s/pki/admin.conf");
  const { machine } = second;
  const endpoints = [`https://${machine.address}:6443`];
  await using writer = await startCountingWriter({ machine, kubeconfig, endpoints, intervalMs: 20 });
  await writer.progress(20);
  await writer.event("PostgreSQL killed");
  await database.kill();
  await Bun.sleep(2_000);
  await database.start();
  for (const one of [first, second]) await apiReady(one);
  await writer.progress(20);
  const { acknowledged, lost, gaps, failures } = await writer.report();
  console.log(`two controllers: ${acknowledged} writes acknowledged, ${lost.length} lost`, gaps, failures);
  expect(lost).toEqual([]);
});

scenario("one of them is enough", async () => {
  await first.process.kill("SIGKILL");
  await kubectl(second, "create", "configmap", "alone");
  first.process = await launch(first.machine);
  await apiReady(first);
  expect(await configMaps(first)).toContain("configmap/alone");
});
