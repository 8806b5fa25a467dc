// A cluster stopped and started ten times keeps its objects and its pods, and nothing piles up on the host.

import { expect, test } from "bun:test";
import { type MachineSnapshot, snapshotDifference, takeSnapshot } from "../harness/machine-snapshot.ts";
import { runningContainers } from "../harness/running-containers.ts";
import { startTestCluster } from "../harness/cluster.ts";
import { singleNode } from "../harness/single-node.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import { startWeb, webAnswers } from "../harness/web-demo.ts";
import { withLogs } from "../harness/with-machine.ts";

const restarts = 10;

/** Kinds whose objects come and go by themselves are left out. */
const kinds =
  "namespaces,nodes,pods,services,configmaps,secrets,serviceaccounts,deployments,daemonsets,replicasets,persistentvolumes," +
  "clusterroles,clusterrolebindings,roles,rolebindings,customresourcedefinitions,apiservices";

/** Kind, name and uid of everything that lasts. */
async function objects({ kubectl }: TestMachine): Promise<string[]> {
  const path = '{range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name} {.metadata.uid}{"\\n"}{end}';
  return (await kubectl("get", kinds, "-A", "-o", `jsonpath=${path}`)).trim().split("\n").sort();
}

/** The state of programs and what they log change by themselves; what is asked is whether anything piles up beside them. */
function lasting(snapshot: MachineSnapshot): MachineSnapshot {
  const changing = /^\/var\/(lib\/k0s\/(containerd|kubelet|db)\/|log\/)|^\/run\/k0s\/containerd\//;
  return {
    ...snapshot,
    files: (snapshot["files"] ?? []).filter((path) => !changing.test(path)),
    // A question of the visitor whose connection broke goes on for its ten seconds.
    processes: (snapshot["processes"] ?? []).filter((line) => !line.startsWith("timeout 10 wget ")),
  };
}

async function megabytes(machine: TestMachine, path: string): Promise<number> {
  return Number((await machine.ok(["du", "-sxm", path])).split("\t")[0]);
}

test("stopped and started ten times", async () => {
  await using cluster = await startTestCluster({ controllers: [singleNode({ name: "restarts" })] });
  const { network, controller: machine } = cluster;
  await withLogs(network, async () => {
    await startWeb(machine);
    await machine.kubectl("create", "configmap", "kept", "--from-literal=a=b");
    const before = { objects: await objects(machine), containers: await runningContainers(machine) };
    const disk = await megabytes(machine, "/var/lib/k0s");
    const seconds: string[] = [];
    let first: MachineSnapshot | undefined;
    for (let round = 1; round <= restarts; round++) {
      await machine.k0s("stop");
      const started = performance.now();
      await cluster.startController(machine, { log: `k0s-${round}` });
      seconds.push(((performance.now() - started) / 1000).toFixed(1));
      await webAnswers(machine);
      first ??= lasting(await takeSnapshot(machine));
    }
    console.log(
      `stopped and started ${restarts} times; seconds until the cluster was ready: ${seconds.join(", ")}`,
    );
    expect(await objects(machine)).toEqual(before.objects);
    expect(await runningContainers(machine)).toEqual(before.containers);
    expect(snapshotDifference(first ?? {}, lasting(await takeSnapshot(machine)))).toEqual({});
    // The database's log of changes is all that may grow.
    expect((await megabytes(machine, "/var/lib/k0s")) - disk).toBeLessThan(100);
  });
}, 1_200_000);
