// Scenario: a control plane of three under a counting writer that uses the load balancing of a worker. Each controller is killed,
// frozen, cut off and brought back, then all three are restarted one after the other. No acknowledged write may be lost; how long
// each event was felt is printed.

import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  apiReady,
  kubectl,
  restart,
  stopController,
  type TestController,
  threeControllers,
  tokenFor,
} from "../harness/controllers.ts";
import { type CountingWriter, startCountingWriter } from "../harness/counting-writer.ts";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";

let network: TestNetwork;
let controllers: readonly TestController[];
let worker: TestMachine;
let writer: CountingWriter;

const balancedEndpoint = "https://127.0.0.1:7443";
const spec = { network: { nodeLocalLoadBalancing: { enabled: true } } };

beforeAll(async () => {
  network = await startNetwork();
  const [first, ...others] = await threeControllers(network, { spec });
  controllers = [first, ...others];
  worker = await network.machine({ name: "w1" });
  await worker.writeFile("/root/token", await tokenFor(first, "worker"), 0o600);
  await worker.start("k0s", ["k0s", "worker", "--token-file", "/root/token"]);
  await kubectlReady(first);
  writer = await startCountingWriter({
    machine: worker,
    kubeconfig: await first.machine.ok(["k0s", "kubeconfig", "admin"]),
    endpoints: [balancedEndpoint],
  });
}, 900_000);

afterAll(async () => {
  await writer[Symbol.asyncDispose]();
  await network.destroy();
}, 300_000);

async function kubectlReady(first: TestController): Promise<void> {
  await first.machine.waitFor(
    "a registered worker",
    async () => (await first.machine.exec(["k0s", "kubectl", "get", "node", "w1"])).code === 0,
    { intervalMs: 1_000 },
  );
}

/** All three are members, and each API server answers. */
async function whole(): Promise<void> {
  for (const controller of controllers) {
    await apiReady(controller);
    await kubectl(controller, "get", "--raw", "/readyz/etcd");
  }
}

/** Every process of the machine but the first. */
async function signalAll({ machine }: TestController, signal: "STOP" | "CONT"): Promise<void> {
  await machine.sh(`kill -${signal} -1`);
}

async function cutOff({ machine }: TestController): Promise<void> {
  const rules = ["input", "output", "forward"].map(
    (hook) => `chain ${hook} { type filter hook ${hook} priority -300; iif lo accept; oif lo accept; drop; }`,
  );
  const allowed = rules.map((rule) =>
    rule.includes("input") ? rule.replace("oif lo accept; ", "") : rule.replace("iif lo accept; ", ""),
  );
  await machine.writeFile("/root/cut.nft", `table inet cut {\n${allowed.join("\n")}\n}\n`);
  await machine.ok(["nft", "-f", "/root/cut.nft"]);
}

async function reconnect({ machine }: TestController): Promise<void> {
  await machine.ok(["nft", "delete", "table", "inet", "cut"]);
}

test("killed, one after the other", async () => {
  for (const controller of controllers) {
    await writer.event(`${controller.machine.name} killed`);
    await controller.process.kill("SIGKILL");
    await controller.process.exited;
    await Bun.sleep(10_000);
    await writer.event(`${controller.machine.name} started again`);
    await restart(controller);
    await whole();
  }
}, 900_000);

test("frozen for 30 seconds, one after the other", async () => {
  for (const controller of controllers) {
    await writer.event(`${controller.machine.name} frozen for 30 s`);
    await signalAll(controller, "STOP");
    await Bun.sleep(30_000);
    await writer.event(`${controller.machine.name} thawed`);
    await signalAll(controller, "CONT");
    await whole();
  }
}, 900_000);

test("cut off for 30 seconds, one after the other", async () => {
  for (const controller of controllers) {
    await writer.event(`${controller.machine.name} cut off for 30 s`);
    await cutOff(controller);
    await Bun.sleep(30_000);
    await writer.event(`${controller.machine.name} connected again`);
    await reconnect(controller);
    await whole();
  }
}, 900_000);

test("restarted in order, one after the other", async () => {
  for (const controller of controllers) {
    await writer.event(`${controller.machine.name} stopped in order`);
    await stopController(controller);
    await writer.event(`${controller.machine.name} started again`);
    await restart(controller);
    await whole();
  }
}, 900_000);

test("no acknowledged write was lost", async () => {
  const report = await writer.report();
  for (const { event, gapMs } of report.gaps)
    console.info(`${event.padEnd(28)} ${(gapMs / 1000).toFixed(1)} s`);
  console.info(`${report.acknowledged} acknowledged writes, failures: ${JSON.stringify(report.failures)}`);
  expect(report.acknowledged).toBeGreaterThan(1_000);
  expect(report.lost).toEqual([]);
}, 400_000);
