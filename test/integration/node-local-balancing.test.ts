// Scenario `nllb`: three controllers, a worker that balances its API traffic itself. Controllers die and freeze; it stays Ready.

import { expect, test } from "bun:test";
import { clusterOfFile } from "../harness/cluster.ts";
import { tokenFile } from "../harness/k0s-start.ts";
import type { TestMachine } from "../harness/test-machine.ts";

const spec = { network: { nodeLocalLoadBalancing: { enabled: true } } };
const pod = (name: string): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: web, image: "localhost/k0s/web:1", imagePullPolicy: Never}]
`;

// The worker joins by the first controller, and has to learn of the others.
const cluster = clusterOfFile({ controllers: [{ name: "c1" }], workers: [{ name: "w1" }], spec }, () =>
  Promise.all(["c2", "c3"].map((name) => cluster.addController({ name }))),
);
const worker = (): TestMachine => cluster.worker("w1");

const controller = (index: number): TestMachine => {
  const found = cluster.controllers[index];
  if (found === undefined) throw new Error(`there is no controller ${index}`);
  return found;
};

const readiness = (by: TestMachine): Promise<string> =>
  by.kubectl("get", "node", "w1", "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status}");

/** The kubelet's heartbeat, which it can only give through a living API server. */
async function heartbeat(by: TestMachine): Promise<number> {
  const path = "jsonpath={.spec.renewTime}";
  const time = await by.kubectl("get", "lease", "-n", "kube-node-lease", "w1", "-o", path);
  return Date.parse(time);
}

/** Several heartbeats come after `since`, and the node has been Ready all along. */
async function staysReady(by: TestMachine, since: number): Promise<void> {
  await worker().waitFor(
    "heartbeats",
    async () => {
      expect(await readiness(by)).toBe("True");
      return (await heartbeat(by)) > since + 30_000;
    },
    { intervalMs: 2_000 },
  );
}

async function runsNewPod(by: TestMachine, name: string): Promise<void> {
  await by.apply(pod(name));
  await by.kubectl("wait", "--for=condition=Ready", `pod/${name}`, "--timeout=240s");
}

async function endpoints(): Promise<string> {
  const status = JSON.parse(await worker().k0s("status", "-o", "json")) as {
    Details: Record<string, string>;
  };
  return status.Details["API servers"] ?? "";
}

const addressOf = (index: number): string => `${controller(index).address}:6443`;

test("the worker knows all of them, and keeps the list on the disk", async () => {
  await worker().waitFor("three endpoints", async () => {
    const text = await endpoints();
    const kept = await worker().readFile("/var/lib/k0s/worker-profile.yaml");
    return [0, 1, 2].every(
      (index) => text.includes(`${addressOf(index)} well`) && kept.includes(addressOf(index)),
    );
  });
  expect(await worker().readFile("/run/k0s/nllb/kubeconfig.yaml")).toContain(
    "server: https://127.0.0.1:7443",
  );
  await runsNewPod(controller(0), "before");
}, 400_000);

test("nllb: the controller that it joined by dies: the node stays Ready and runs new pods", async () => {
  const since = Date.now();
  await controller(0).sh("kill -9 -1");
  await worker().waitFor(
    "the death of c1",
    async () =>
      (await endpoints()).includes(`${addressOf(0)} down`) || !(await endpoints()).includes(addressOf(0)),
  );
  await staysReady(controller(1), since);
  await runsNewPod(controller(1), "after-death");
}, 400_000);

test("the worker starts anew while that controller is gone, without token", async () => {
  await worker().k0s("stop");
  await worker().ok(["rm", tokenFile]);
  const since = Date.now();
  await worker().startK0s({ role: "worker", args: ["--verbose"] });
  await worker().waitFor("the node", async () => (await worker().k0sLog()).includes("Node w1 is Ready."));
  await staysReady(controller(2), since);
}, 600_000);

test("an API server that freezes loses its connections to another one", async () => {
  const since = Date.now();
  const frozen = controller(1);
  const pid = (await frozen.readFile("/run/k0s/kube-apiserver.pid")).trim();
  await frozen.ok(["kill", "-STOP", pid]);
  try {
    await worker().waitFor("the move", async () => {
      const text = await endpoints();
      // It leaves the list when its controller is no longer seen, which may be before the last connection has moved.
      const gone = text.includes(`${addressOf(2)} well`) && !text.includes(addressOf(1));
      const left = text.split(", ").find((one) => one.startsWith(`${addressOf(1)} `));
      return gone || /(silent|not ready|down) \(0 connections\)$/.test(left ?? "");
    });
    await staysReady(controller(2), since);
    await runsNewPod(controller(2), "after-freeze");
  } finally {
    await frozen.ok(["kill", "-CONT", pid]);
  }
  await worker().waitFor("the recovery", async () => (await endpoints()).includes(`${addressOf(1)} well`));
}, 400_000);
