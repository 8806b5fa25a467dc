// Many workers join at once: twenty, or as many as this machine carries. Prints how long it took.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { freemem } from "node:os";
import { startWorkerCluster, tokenFile, type WorkerCluster } from "../harness/worker-cluster.ts";

/** What a worker without pods takes: k0s, containerd, kubelet, kube-proxy. */
const workerBytes = 300 * 2 ** 20;
const count = Math.max(2, Math.min(20, Math.floor((freemem() - 2 * 2 ** 30) / workerBytes)));
/** A network that needs no pods, so that nothing but the nodes is measured. */
const cniConfig = JSON.stringify({
  cniVersion: "1.0.0",
  name: "alone",
  plugins: [{ type: "bridge", bridge: "alone0", ipam: { type: "host-local", subnet: "10.99.0.0/24" } }],
});

let cluster: WorkerCluster;

beforeAll(async () => {
  cluster = await startWorkerCluster({
    spec: { network: { provider: "custom" } },
    controllerArgs: ["--disable-components=coredns,metrics-server,konnectivity-server"],
    workers: [],
  });
}, 400_000);

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
}, 400_000);

async function readyNodes(): Promise<number> {
  const path = "jsonpath={.items[*].status.conditions[?(@.type=='Ready')].status}";
  const text = await cluster.kubectl("get", "nodes", "-o", path);
  return text.split(" ").filter((status) => status === "True").length;
}

test(`${count} workers join at once and all become Ready`, async () => {
  const token = await cluster.token();
  const machines = [];
  for (let index = 0; index < count; index++) {
    const machine = await cluster.network.machine({ name: `w${index}` });
    await machine.ok(["mkdir", "-p", "/etc/cni/net.d"]);
    await machine.writeFile("/etc/cni/net.d/10-alone.conflist", cniConfig);
    await machine.writeFile(tokenFile, token, 0o600);
    machines.push(machine);
  }
  const started = performance.now();
  await Promise.all(
    machines.map((machine) => machine.start("k0s", ["k0s", "worker", `--token-file=${tokenFile}`])),
  );
  await cluster.controller.waitFor("all nodes Ready", async () => (await readyNodes()) === count, {
    timeoutMs: 1_500_000,
    intervalMs: 1_000,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${count} workers joined at once and were all Ready after ${seconds} s`);
  expect(await readyNodes()).toBe(count);
}, 1_700_000);
