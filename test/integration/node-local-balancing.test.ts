// Scenario `nllb`: three controllers, a worker that balances its API traffic itself. Controllers die and freeze; it stays Ready.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { buildDemoImages } from "../../build/images/demo-images.ts";
import { kubectl, newController, type TestController, tokenFor } from "../harness/controllers.ts";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";

const spec = { network: { nodeLocalLoadBalancing: { enabled: true } } };
const pod = (name: string): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: web, image: "localhost/k0s/web:1", imagePullPolicy: Never}]
`;

let network: TestNetwork;
let worker: TestMachine;
const controllers: TestController[] = [];

const controller = (index: number): TestController => {
  const found = controllers[index];
  if (found === undefined) throw new Error(`there is no controller ${index}`);
  return found;
};

async function addController(name: string, token?: string): Promise<void> {
  controllers.push(await newController(network, name, { spec, token }));
}

const startWorker = (log: string, ...args: readonly string[]) =>
  worker.start(log, ["k0s", "worker", "--verbose", ...args]);

beforeAll(async () => {
  network = await startNetwork();
  await addController("c1");
  worker = await network.machine({ name: "w1" });
  await worker.ok(["mkdir", "-p", "/var/lib/k0s/images"]);
  await worker.writeFile("/var/lib/k0s/images/demo.tar", await readFile(await buildDemoImages()));
  await worker.writeFile("/root/token", await tokenFor(controller(0), "worker"));
  await startWorker("k0s", "--token-file=/root/token");
  const token = await tokenFor(controller(0), "controller");
  await addController("c2", token);
  await addController("c3", token);
  await nodeReady(controller(0));
}, 600_000);

afterAll(async () => {
  await network.destroy();
}, 300_000);

async function nodeReady(by: TestController): Promise<void> {
  await worker.waitFor("the node Ready", async () => (await readiness(by)) === "True");
}

const readiness = (by: TestController): Promise<string> =>
  kubectl(by, "get", "node", "w1", "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status}");

/** The kubelet's heartbeat, which it can only give through a living API server. */
async function heartbeat(by: TestController): Promise<number> {
  const time = await kubectl(
    by,
    "get",
    "lease",
    "-n",
    "kube-node-lease",
    "w1",
    "-o",
    "jsonpath={.spec.renewTime}",
  );
  return Date.parse(time);
}

/** Several heartbeats come after `since`, and the node has been Ready all along. */
async function staysReady(by: TestController, since: number): Promise<void> {
  await worker.waitFor(
    "heartbeats",
    async () => {
      expect(await readiness(by)).toBe("True");
      return (await heartbeat(by)) > since + 30_000;
    },
    { intervalMs: 2_000 },
  );
}

async function runsNewPod(by: TestController, name: string): Promise<void> {
  await by.machine.ok(["k0s", "kubectl", "apply", "-f", "-"], { input: pod(name) });
  await kubectl(by, "wait", "--for=condition=Ready", `pod/${name}`, "--timeout=240s");
}

async function endpoints(): Promise<string> {
  const status = JSON.parse(await worker.ok(["k0s", "status", "-o", "json"])) as {
    Details: Record<string, string>;
  };
  return status.Details["API servers"] ?? "";
}

const addressOf = (index: number): string => `${controller(index).machine.address}:6443`;

test("the worker knows all of them, and keeps the list on the disk", async () => {
  await worker.waitFor("three endpoints", async () => {
    const text = await endpoints();
    const kept = await worker.readFile("/var/lib/k0s/worker-profile.yaml");
    return [0, 1, 2].every(
      (index) => text.includes(`${addressOf(index)} well`) && kept.includes(addressOf(index)),
    );
  });
  expect(await worker.readFile("/run/k0s/nllb/kubeconfig.yaml")).toContain("server: https://127.0.0.1:7443");
  await runsNewPod(controller(0), "before");
}, 400_000);

test("the controller that it joined by dies: the node stays Ready and runs new pods", async () => {
  const since = Date.now();
  await controller(0).machine.sh("kill -9 -1");
  await worker.waitFor(
    "the death of c1",
    async () =>
      (await endpoints()).includes(`${addressOf(0)} down`) || !(await endpoints()).includes(addressOf(0)),
  );
  await staysReady(controller(1), since);
  await runsNewPod(controller(1), "after-death");
}, 400_000);

test("the worker starts anew while that controller is gone, without token", async () => {
  await worker.ok(["k0s", "stop"]);
  await worker.ok(["rm", "/root/token"]);
  const since = Date.now();
  await startWorker("again");
  await worker.waitFor("the node", async () => (await worker.readLog("again")).includes("Node w1 is Ready."));
  await staysReady(controller(2), since);
}, 600_000);

test("an API server that freezes loses its connections to another one", async () => {
  const since = Date.now();
  const { machine } = controller(1);
  const pid = (await machine.readFile("/run/k0s/kube-apiserver.pid")).trim();
  await machine.ok(["kill", "-STOP", pid]);
  try {
    await worker.waitFor("the move", async () => {
      const text = await endpoints();
      // It leaves the list when its controller is no longer seen, which may be before the last connection has moved.
      const gone = text.includes(`${addressOf(2)} well`) && !text.includes(addressOf(1));
      const left = text.split(", ").find((one) => one.startsWith(`${addressOf(1)} `));
      return gone || /(silent|not ready|down) \(0 connections\)$/.test(left ?? "");
    });
    await staysReady(controller(2), since);
    await runsNewPod(controller(2), "after-freeze");
  } finally {
    await machine.ok(["kill", "-CONT", pid]);
  }
  await worker.waitFor("the recovery", async () => (await endpoints()).includes(`${addressOf(1)} well`));
}, 400_000);
