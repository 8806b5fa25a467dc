// A cluster of three controllers is lost with all of them and restored from one backup: on one host, which the others join
// again. The worker and its pod were never told. Scenarios `backup` and `backup-stream`.

import { expect } from "bun:test";
import { copyFile } from "node:fs/promises";
import { clusterOfFile } from "../harness/cluster.ts";
import { startCountingWriter } from "../harness/counting-writer.ts";
import { restoredConfig } from "../harness/save-and-restore.ts";
import { scenariosOn } from "../harness/scenario.ts";

const bare = ["--disable-components=coredns,metrics-server"];
const names = ["one", "two", "three"] as const;
const archives = "/root/saved";
const spec = { network: { nodeLocalLoadBalancing: { enabled: true } } };

const cluster = clusterOfFile({
  spec,
  controllers: names.map((name) => ({ name, args: bare })),
  workers: [{ name: "worker" }],
});
const scenario = scenariosOn(() => cluster.network);

const containerOf = (pod: string): Promise<string> =>
  cluster.kubectl("get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[0].containerID}");

scenario("backup: one backup of any of three controllers brings the cluster back", async () => {
  const [first, second, third] = names.map((name) => cluster.controllerNamed(name));
  if (first === undefined || second === undefined || third === undefined) throw new Error("not three");
  const image = ["--image=localhost/k0s/web:1", "--image-pull-policy=Never"];
  await cluster.kubectl("run", "web", ...image);
  await cluster.kubectl("wait", "--for=condition=Ready", "pod/web", "--timeout=120s");
  const container = await containerOf("web");

  const kubeconfig = await first.readFile("/var/lib/k0s/pki/admin.conf");
  await using writer = await startCountingWriter({ machine: first, kubeconfig, intervalMs: 5 });
  await writer.progress(200);
  expect((await writer.report()).lost).toEqual([]);
  // Of one that may lag behind the leader, while nobody waits for it; through pipes.
  await third.ok(["mkdir", "-m", "700", archives]);
  const archive = `${archives}/backup.tar.gz`;
  await third.ok(["sh", "-c", `umask 077; k0s backup --save-path - >${archive}`]);
  await cluster.kubectl("create", "configmap", "too-late");

  await Promise.all([first, second, third].map((machine) => machine.stopK0s()));
  for (const machine of [first, second, third]) await machine.k0s("reset", "--yes");

  // The host that workers know first, with what another one has saved.
  await first.ok(["mkdir", "-p", archives]);
  await copyFile(third.hostPath(archive), first.hostPath(archive));
  await first.ok(["sh", "-c", `k0s restore - <${archive} >${restoredConfig}`]);
  await first.startK0s({ role: "controller", args: [...bare, `--config=${restoredConfig}`] });
  await first.apiReady();
  expect(Object.keys(await first.etcdMembers())).toEqual(["one"]);
  for (const machine of [second, third])
    await cluster.startController(machine, { token: await first.joinToken("controller") });
  expect(Object.keys(await third.etcdMembers()).sort()).toEqual(["one", "three", "two"]);

  const { acknowledged, lost } = await writer.report();
  console.log(`${acknowledged} writes acknowledged before the backup, ${lost.length} lost`);
  expect([acknowledged >= 200, lost]).toEqual([true, []]);
  expect((await cluster.tryKubectl("get", "configmap", "too-late")).stderr).toContain("NotFound");
  await cluster.nodeReady("worker");
  expect(await containerOf("web")).toBe(container);
  await cluster.kubectl("run", "afterwards", ...image);
  await cluster.kubectl("wait", "--for=condition=Ready", "pod/afterwards", "--timeout=120s");
  // Each of the three counts: one may be away.
  await first.stopK0s();
  await third.kubectl("create", "configmap", "with-two-of-three");
  await third.kubectl("logs", "afterwards", "--tail=1");
});

scenario("entries of members tell who is there", async () => {
  const third = cluster.controllerNamed("three");
  await third.waitFor("three members that have joined", async () => {
    const path =
      "jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=='Joined')].status} {end}";
    const listed = (await third.kubectl("get", "etcdmembers", "-o", path)).trim().split(" ").sort();
    return listed.join() === "one=True,three=True,two=True";
  });
});
