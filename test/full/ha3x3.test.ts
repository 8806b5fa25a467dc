// Scenario `ha3x3`: three controllers with etcd and three workers from one file, by tokens alone. The network does what it
// must between all of them; then hosts are lost for good, and new ones take their places.

import { afterAll, beforeAll, expect } from "bun:test";
import { kubectl, memberList, newController, type TestController, tokenFor } from "../harness/controllers.ts";
import { deployNetworkPods, networkChecks } from "../harness/network-checks.ts";
import { scenariosOn } from "../harness/scenario.ts";
import { withLogs } from "../harness/with-machine.ts";
import { startWorkerCluster, type WorkerCluster } from "../harness/worker-cluster.ts";

const spec = {
  network: { nodeLocalLoadBalancing: { enabled: true } },
  // The machines share a disk with whatever else runs here.
  workerProfiles: [{ name: "default", values: { evictionHard: { "nodefs.available": "1%" } } }],
};
let cluster: WorkerCluster;
let second: TestController;
const scenario = scenariosOn(() => cluster.network);

beforeAll(async () => {
  cluster = await startWorkerCluster({ spec, workers: [] });
  await withLogs(cluster.network, async () => {
    const token = await cluster.token("--role=controller");
    const { network } = cluster;
    [second] = await Promise.all([
      newController(network, "c2", { token, spec }),
      newController(network, "c3", { token, spec }),
    ]);
    const forWorkers = await cluster.token();
    await Promise.all(["w0", "w1", "w2"].map((name) => cluster.addWorker({ name }, forWorkers)));
    for (const name of cluster.workers.keys()) await cluster.waitReady(name);
    await deployNetworkPods(cluster);
  });
}, 900_000);

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
}, 60_000);

scenario("three members, none of them a learner, and no controller is a node", async () => {
  expect(Object.keys(await memberList(second)).sort()).toEqual(["c2", "c3", "controller"]);
  const nodes = await kubectl(second, "get", "nodes", "-o", "name");
  expect(nodes.trim().split("\n")).toEqual(["node/w0", "node/w1", "node/w2"]);
});

for (const [name, check] of Object.entries(networkChecks)) scenario(name, () => check(cluster));

scenario(
  "the controller by which all have joined is lost: a new host replaces it, workers move by themselves",
  async () => {
    const { address } = cluster.controller;
    await cluster.controller.destroy();
    await second.machine.ok(["k0s", "etcd", "leave", "--peer-address", address], { timeoutMs: 60_000 });
    await newController(cluster.network, "c4", { token: await tokenFor(second, "controller"), spec });
    expect(Object.keys(await memberList(second)).sort()).toEqual(["c2", "c3", "c4"]);
    for (const name of cluster.workers.keys()) await runsNewPod(name);
  },
);

scenario("a worker is lost: its node is removed, its pods move, a new host takes its place", async () => {
  await kubectl(second, "create", "deployment", "roaming", "--image=localhost/k0s/web:1", "--replicas=6");
  await kubectl(second, "rollout", "status", "deployment/roaming", "--timeout=50s");
  await cluster.worker("w2").destroy();
  await kubectl(second, "delete", "node", "w2", "--timeout=30s");
  const token = await tokenFor(second, "worker");
  cluster.workers.delete("w2");
  await cluster.addWorker({ name: "w3" }, token);
  await runsNewPod("w3");
  await second.machine.waitFor(
    "six replicas on living nodes",
    async () => {
      const path = "jsonpath={range .items[?(@.status.phase=='Running')]}{.spec.nodeName}{'\\n'}{end}";
      const places = (await kubectl(second, "get", "pods", "-l", "app=roaming", "-o", path))
        .trim()
        .split("\n");
      return places.length === 6 && !places.includes("w2");
    },
    { timeoutMs: 240_000, intervalMs: 1_000 },
  );
});

/** The node follows the API: it starts a pod that is bound to it and says so. */
async function runsNewPod(node: string): Promise<void> {
  const name = `after-${node}`;
  const overrides = JSON.stringify({ spec: { nodeName: node } });
  const image = ["--image=localhost/k0s/web:1", "--image-pull-policy=Never"];
  await second.machine.waitFor(
    `node ${node}`,
    async () => (await second.machine.exec(["k0s", "kubectl", "get", "node", node])).code === 0,
    { timeoutMs: 240_000, intervalMs: 1_000 },
  );
  await kubectl(second, "run", name, ...image, `--overrides=${overrides}`);
  const wait = ["wait", "--for=condition=Ready", `pod/${name}`, "--timeout=240s"];
  await second.machine.ok(["k0s", "kubectl", ...wait], { timeoutMs: 250_000 });
}
