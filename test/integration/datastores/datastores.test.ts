// Scenarios `kine` and `externaletcd`: the same workload on SQLite, PostgreSQL and an etcd of somebody else; each of them dies
// under load and comes back. On MariaDB: test/full/mariadb.test.ts.

import { expect } from "bun:test";
import { writeClusterConfig } from "../../harness/cluster-config.ts";
import { importDemoImages } from "../../harness/demo-images.ts";
import { databaseScenarios } from "../../harness/database-machine.ts";
import { startExternalEtcd } from "../../harness/external-etcd.ts";
import { startPostgres } from "../../harness/postgres.ts";
import { stopAll } from "../../harness/stopped-processes.ts";
import type { TestMachine } from "../../harness/test-machine.ts";
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
} from "./trouble.ts";
import { exerciseApi } from "./workload.ts";

const loneNetwork = JSON.stringify({
  cniVersion: "1.0.0",
  name: "alone",
  plugins: [{ type: "bridge", bridge: "alone0", ipam: { type: "host-local", subnet: "10.99.0.0/24" } }],
});

const { db, scenario } = databaseScenarios();

/**
 * A datastore that begins empty under a running kube-apiserver would be an empty cluster to every kubelet, and what kine acknowledges
 * for a file that nobody finds any more would be lost.
 */
async function loseWhileRunning(machine: TestMachine, dir: string): Promise<void> {
  const refused = (words: RegExp) =>
    machine.waitFor("the status to say it", async () => {
      const { code, stdout } = await machine.exec(["k0s", "status"]);
      if (code === 1 && words.test(stdout)) return true;
      throw new Error(`it ends with ${code} and says ${stdout}`);
    });
  const serves = (name: string) =>
    machine.waitFor("the API", async () => (await machine.tryKubectl("get", "configmap", name)).code === 0);
  // As root puts it back; kine's user has to be able to read it all the same.
  const again = async (): Promise<void> => {
    await machine.sh(`chown -R root:root /root/lost && rm -rf ${dir} && mv /root/lost ${dir}`);
  };
  // One that runs would open the other file, or make one, with the next connection that it wants.
  const stopKine = () => stopAll(machine, "-x kine");
  await machine.kubectl("create", "configmap", "kept");
  await stopKine();
  await machine.ok(["mv", dir, "/root/lost"]);
  await machine.ok(["install", "-d", "-o", "kube-apiserver", dir]);
  await refused(/is gone, and would begin anew/);
  expect(await machine.ok(["ls", "-A", dir])).toBe("");
  await again();
  await serves("kept");
  // A copy of before: kine has its log still.
  await machine.ok(["sh", "-c", `cp ${dir}/state.db /root/copy && chown kube-apiserver /root/copy`]);
  await machine.kubectl("create", "configmap", "later");
  await stopKine();
  await machine.ok(["cp", "-a", dir, "/root/before"]);
  await machine.ok(["mv", "/root/copy", `${dir}/state.db`]);
  await refused(/was replaced, and \S+state.db-wal belongs to the one before/);
  // A k0s that is started again, as most people would try, still knows.
  await machine.k0s("stop");
  await refuseOther(machine, { type: "kine" }, "belongs to the one before");
  await machine.ok(["sh", "-c", `rm -r ${dir} && cp -a /root/before ${dir}`]);
  await startController(machine, ...bare);
  await serves("later");
  // Another cluster's, or nobody's.
  await stopKine();
  await machine.ok(["mv", dir, "/root/lost"]);
  await machine.ok(["install", "-d", "-o", "kube-apiserver", dir]);
  await machine.ok([
    "sh",
    "-c",
    `head -c 100000 /dev/urandom >${dir}/state.db && chown kube-apiserver ${dir}/*`,
  ]);
  await refused(/file is not a database/);
  await again();
  await serves("later");
}

scenario("kine: SQLite", async () => {
  const machine = await certifiedMachine(db, "sqlite");
  await writeClusterConfig(machine, { storage: { type: "kine" } });
  await startController(machine, ...bare);
  await exerciseApi(machine);
  await dieUnderLoad(machine, {
    name: "kine with SQLite",
    kill: async () => void (await machine.ok(["pkill", "-9", "-x", "kine"])),
    // k0s does that.
    start: () => Promise.resolve(),
  });
  const { code, stderr } = await machine.exec(["k0s", "token", "create", "--role=controller"]);
  expect([code, stderr]).toEqual([1, expect.stringContaining("cannot join controller into current storage")]);
  await machine.joinToken("worker");
  const file = "/var/lib/k0s/db/state.db";
  await loseWhileRunning(machine, "/var/lib/k0s/db");
  await machine.k0s("stop");
  await machine.ok(["cp", "-a", "/var/lib/k0s/db", "/root/db"]);
  await refuseOther(machine, { type: "kine", kine: { dataSource: "sqlite:///srv/other.db" } }, "is gone");
  await machine.ok(["rm", "-r", "/var/lib/k0s/db"]);
  await refuseOther(machine, { type: "kine" }, `there is no ${file}`);
  await machine.ok(["install", "-d", "-o", "kube-apiserver", "/var/lib/k0s/db"]);
  await machine.ok(["install", "-o", "kube-apiserver", "-m", "600", "/dev/null", file]);
  await refuseOther(machine, { type: "kine" }, "holds nothing of the cluster");
  await machine.ok(["rm", "-r", "/var/lib/k0s/db"]);
  // What docs/datastores.md says of a copy.
  await machine.ok(["install", "-d", "/var/lib/k0s/db"]);
  await machine.sh("cp /root/db/state.db* /var/lib/k0s/db/");
  await startController(machine, ...bare);
  await machine.kubectl("get", "configmap", "later");
  await machine.destroy();
});

scenario("PostgreSQL with TLS and a client certificate: a node with a pod", async () => {
  const server = await startPostgres(db, secret);
  const machine = await certifiedMachine(db, "pg");
  await writeClusterConfig(machine, {
    network: { provider: "kuberouter" },
    // The machine shares its disk with whatever else runs here.
    workerProfiles: [{ name: "full-disk", values: { evictionHard: { "nodefs.available": "1%" } } }],
    storage: {
      type: "kine",
      kine: {
        dataSource: `postgres://k0s:${encodeURIComponent(secret)}@${db.machine.address}/k0s?sslmode=verify-full`,
        extraArgs: {
          "ca-file": "/etc/k0s/db/ca.crt",
          "cert-file": "/etc/k0s/db/client.crt",
          "key-file": "/etc/k0s/db/client.key",
        },
      },
    },
  });
  await startController(machine, "--enable-worker", "--no-taints", "--profile=full-disk");
  await importDemoImages(machine);
  await machine.kubectl("run", "web", "--image=localhost/k0s/web:1", "--image-pull-policy=Never");
  await exerciseApi(machine);
  await expectSecretKept(machine);
  await refuseWrites(machine, server);
  await dieUnderLoad(machine, server);
  await machine.kubectl("wait", "--for=condition=Ready", "pod/web", "--timeout=240s");
  await machine.destroy();
});

scenario("externaletcd: external etcd: keys under the prefix, no etcd of ours", async () => {
  const server = await startExternalEtcd(db);
  const machine = await certifiedMachine(db, "etcd");
  const endpoint = `https://${db.machine.address}:2379`;
  const externalCluster = {
    endpoints: [endpoint],
    etcdPrefix: "tenant-1",
    caFile: "/etc/k0s/db/ca.crt",
    clientCertFile: "/etc/k0s/db/client.crt",
    clientKeyFile: "/etc/k0s/db/client.key",
  };
  await writeClusterConfig(machine, { storage: { type: "etcd", etcd: { externalCluster } } });
  await startController(machine, ...bare);
  await exerciseApi(machine);
  expect((await machine.exec(["pgrep", "-x", "etcd"])).code).toBe(1);
  expect((await machine.exec(["test", "-e", "/var/lib/k0s/pki/etcd"])).code).toBe(1);
  expect(await countKeys(machine, endpoint, "/tenant-1/")).toBeGreaterThan(200);
  expect(await countKeys(machine, endpoint, "/registry/")).toBe(0);
  await refusesWhatIsOfOwnEtcd(machine);
  await workerJoins(machine);
  await machine.k0s("stop");
  const elsewhere = { ...externalCluster, etcdPrefix: "tenant-2" };
  await refuseOther(
    machine,
    { type: "etcd", etcd: { externalCluster: elsewhere } },
    "(tenant-2) holds nothing of the cluster",
  );
  expect(await countKeys(machine, endpoint, "/tenant-2/")).toBe(0);
  // With authentication etcd knows users by their certificates, and its JSON gateway knows nobody.
  for (const name of ["root", "k0s"]) {
    await askEtcd(machine, endpoint, "auth/user/add", { name, options: { no_password: true } });
    await askEtcd(machine, endpoint, "auth/user/grant", { user: name, role: "root" });
  }
  await askEtcd(machine, endpoint, "auth/enable", {});
  await writeClusterConfig(machine, { storage: { type: "etcd", etcd: { externalCluster } } });
  await startController(machine, ...bare);
  await dieUnderLoad(machine, server);
  await machine.destroy();
});

async function refusesWhatIsOfOwnEtcd(machine: TestMachine): Promise<void> {
  for (const words of [
    ["etcd", "member-list"],
    ["etcd", "leave", "--peer-address=192.0.2.9"],
    ["backup", "--save-path=/root"],
  ]) {
    const { code, stderr } = await machine.exec(["k0s", ...words]);
    const says = `command 'k0s ${words[0]}' does not support external etcd cluster`;
    expect([words, code, stderr]).toEqual([words, 1, expect.stringContaining(says)]);
  }
}

/** With a network that needs no pods. */
async function workerJoins(machine: TestMachine): Promise<void> {
  const worker = await db.network.machine({ name: "worker" });
  await worker.ok(["mkdir", "-p", "/etc/cni/net.d"]);
  await worker.writeFile("/etc/cni/net.d/10-alone.conflist", loneNetwork);
  await worker.startK0s({ role: "worker", token: await machine.joinToken("worker") });
  await machine.waitFor("the worker", async () =>
    (await machine.kubectl("get", "nodes", "--no-headers")).includes("worker   Ready"),
  );
  await worker.destroy();
}

async function askEtcd(machine: TestMachine, endpoint: string, path: string, body: object): Promise<string> {
  const tls = ["--cacert", "ca.crt", "--cert", "client.crt", "--key", "client.key"];
  return machine.ok(["curl", "-fsS", ...tls, `${endpoint}/v3/${path}`, "-d", JSON.stringify(body)], {
    cwd: "/etc/k0s/db",
  });
}

async function countKeys(machine: TestMachine, endpoint: string, prefix: string): Promise<number> {
  const end = `${prefix.slice(0, -1)}0`;
  const range = { key: btoa(prefix), range_end: btoa(end), count_only: true };
  const answer = await askEtcd(machine, endpoint, "kv/range", range);
  return Number((JSON.parse(answer) as { count?: string }).count ?? 0);
}

scenario("what the database refuses is said at once, without the password", async () => {
  const machine = await certifiedMachine(db, "refused");
  const address = db.machine.address;
  const postgres = (user: string, rest = ""): string => `postgres://${user}@${address}/k0s${rest}`;
  const ca = { "ca-file": "/etc/hostname" };
  await expectRefused(machine, [
    ["password", { dataSource: postgres("k0s:s3cretX") }, "password authentication failed"],
    [
      "user",
      { dataSource: postgres("nobody:s3cretX") },
      `PostgreSQL at ${address}:5432 refuses user "nobody"`,
    ],
    ["certificate", { dataSource: postgres("k0s:s3cretX", "?sslmode=verify-full") }, "certificate"],
    [
      "file",
      { dataSource: postgres("k0s:s3cretX"), extraArgs: { "ca-file": "/none.crt" } },
      "kine.extraArgs.ca-file: /none.crt does not exist",
    ],
    ["bad file", { dataSource: postgres("k0s:s3cretX"), extraArgs: ca }, "kine"],
    ["encoding", { dataSource: postgres("k0s:s3cretX%zz") }, "percent-encoded"],
  ]);
  await machine.destroy();
});

scenario("a database that is not there yet is waited for, and said to be", async () => {
  const machine = await certifiedMachine(db, "early");
  await writeClusterConfig(machine, {
    storage: { type: "kine", kine: { dataSource: `postgres://k0s:pw@${db.machine.address}:5999/k0s` } },
  });
  const k0s = await machine.startK0s({ role: "controller" });
  await machine.waitFor("the reason", async () =>
    /Waiting for the datastore.*connection refused.*PostgreSQL at [\d.]+:5999/.test(
      await machine.readLog("k0s"),
    ),
  );
  await machine.waitFor("the status", async () => {
    const { stdout } = await machine.exec(["k0s", "status", "-o", "json"]);
    const { Problems } = JSON.parse(stdout) as { Problems: readonly string[] };
    return /database .*PostgreSQL at [\d.]+:5999/.test(Problems.join("\n"));
  });
  await k0s.kill("SIGTERM");
  expect(await k0s.exited).toBe(0);
  await machine.destroy();
});
