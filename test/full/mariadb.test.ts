// Scenario `kine` on MariaDB, as test/integration/datastores has it for PostgreSQL; and a database that is made again under its
// name while k0s runs.

import { expect } from "bun:test";
import { writeClusterConfig } from "../harness/cluster-config.ts";
import { databaseScenarios, type SqlServer } from "../harness/database-machine.ts";
import { startMariadb } from "../harness/mariadb.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import {
  bare,
  certifiedMachine,
  dieUnderLoad,
  expectRefused,
  expectSecretKept,
  refuseOther,
  refuseWrites,
  secret,
  startController,
} from "../integration/datastores/trouble.ts";
import { exerciseApi } from "../integration/datastores/workload.ts";

const { db, scenario } = databaseScenarios();

/** MariaDB's database is as one that was made again under its name; the table comes back in the end. */
async function recreateWhileRunning(machine: TestMachine, server: Pick<SqlServer, "sql">): Promise<void> {
  await server.sql("CREATE DATABASE kept");
  await server.sql("RENAME TABLE k0s.kine TO kept.kine");
  await machine.ok(["pkill", "-9", "-x", "kine"]);
  await machine.waitFor("the status to say it", async () => {
    const { code, stdout } = await machine.exec(["k0s", "status"]);
    return (
      code === 1 && stdout.includes("kine is backing off") && stdout.includes("holds nothing of the cluster")
    );
  });
  // What kine would have shown, kube-apiserver would have shown to kubelets.
  expect((await machine.tryKubectl("get", "--raw", "/readyz")).code).not.toBe(0);
  await server.sql("RENAME TABLE k0s.kine TO kept.empty, kept.kine TO k0s.kine");
  await machine.waitFor("the API", async () => {
    return (await machine.exec(["k0s", "kubectl", "get", "namespace", "default"])).code === 0;
  });
  await machine.waitFor("good health", async () => (await machine.exec(["k0s", "status"])).code === 0);
}

scenario("MariaDB with TLS", async () => {
  const server = await startMariadb(db, secret);
  const machine = await certifiedMachine(db, "maria");
  await writeClusterConfig(machine, {
    storage: {
      type: "kine",
      kine: {
        dataSource: `mysql://k0s:${secret}@tcp(${db.machine.address}:3306)/k0s`,
        extraArgs: { "ca-file": "/etc/k0s/db/ca.crt" },
      },
    },
  });
  await startController(machine, ...bare);
  await exerciseApi(machine);
  await expectSecretKept(machine);
  await refuseWrites(machine, server);
  await dieUnderLoad(machine, server);
  await recreateWhileRunning(machine, server);
  await machine.k0s("stop");
  await server.sql("CREATE DATABASE other");
  await server.sql("GRANT ALL ON other.* TO k0s@'%'");
  const other = { dataSource: `mysql://k0s:${secret}@tcp(${db.machine.address}:3306)/other` };
  await refuseOther(
    machine,
    { type: "kine", kine: { ...other, extraArgs: { "ca-file": "/etc/k0s/db/ca.crt" } } },
    `mysql://k0s:xxxxx@tcp(${db.machine.address}:3306)/other holds nothing of the cluster`,
  );
  await machine.destroy();
});

scenario("what it refuses is said at once, without the password", async () => {
  const machine = await certifiedMachine(db, "refused");
  const { address } = db.machine;
  const dataSource = `mysql://k0s:s3cretX@tcp(${address})/k0s`;
  await expectRefused(machine, [
    ["password", { dataSource }, `MySQL at ${address}:3306 refuses user "k0s"`],
    ["bad file", { dataSource, extraArgs: { "ca-file": "/etc/hostname" } }, "kine"],
  ]);
  await machine.destroy();
});
