// Three controllers and a worker with the node-local load balancer: its agent holds a tunnel to each, whichever come
// and go.

import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  kubectl,
  newController,
  restart,
  stopController,
  type TestController,
  tokenFor,
} from "../harness/controllers.ts";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";
import { tunnelsSeen } from "../harness/tunnels.ts";
import { withLogs } from "../harness/with-machine.ts";

const spec = {
  network: { nodeLocalLoadBalancing: { enabled: true } },
  workerProfiles: [
    { name: "default", values: { evictionHard: { "nodefs.available": "1%", "imagefs.available": "1%" } } },
  ],
};

let network: TestNetwork;
let worker: TestMachine;
const controllers: TestController[] = [];
const [first, second, third] = [0, 1, 2].map((at) => () => controllers[at]!) as [
  () => TestController,
  () => TestController,
  () => TestController,
];

async function addController(name: string, token?: string): Promise<void> {
  controllers.push(await newController(network, name, { spec, token }));
}

beforeAll(async () => {
  network = await startNetwork();
  await withLogs(network, async () => {
    await addController("c1");
    const token = await tokenFor(first(), "controller");
    await addController("c2", token);
    await addController("c3", token);
    worker = await network.machine({ name: "w1" });
    await worker.writeFile("/root/token", await tokenFor(first(), "worker"), 0o600);
    await worker.start("k0s", ["k0s", "worker", "--token-file=/root/token"]);
    await tunnelsSeen(first(), "w1", ["c1", "c2", "c3"]);
  });
}, 900_000);

afterAll(async () => {
  await network.destroy();
}, 300_000);

/** Through this controller's own API server and tunnel. */
async function logsThrough(controller: TestController): Promise<void> {
  const pod = await kubectl(
    controller,
    ..."-n kube-system get pods -l k8s-app=konnectivity-agent -o jsonpath={.items[0].metadata.name}".split(
      " ",
    ),
  );
  const metrics = `/api/v1/namespaces/kube-system/pods/${pod}:8093/proxy/metrics`;
  expect(await kubectl(controller, "-n", "kube-system", "logs", pod)).not.toBe("");
  expect(await kubectl(controller, "get", "--raw", metrics)).toContain("open_server_connections");
}

test("every controller sees all tunnels, and reaches the node through its own", async () => {
  for (const controller of controllers) {
    await tunnelsSeen(controller, "w1", ["c1", "c2", "c3"]);
    await logsThrough(controller);
  }
}, 600_000);

test("one controller is killed: the tunnels to the others stay, and it is no longer counted", async () => {
  const serverOf = ({ machine }: TestController): Promise<string> =>
    machine.ok(["cat", "/run/k0s/konnectivity.pid"]);
  const before = await Promise.all([serverOf(first()), serverOf(second())]);
  await third().process.kill("SIGKILL");
  for (const controller of [first(), second()]) {
    await tunnelsSeen(controller, "w1", ["c1", "c2"]);
    await logsThrough(controller);
  }
  expect(await Promise.all([serverOf(first()), serverOf(second())])).toEqual(before);
}, 700_000);

test("it comes back and is counted again", async () => {
  await restart(third());
  for (const controller of controllers) await tunnelsSeen(controller, "w1", ["c1", "c2", "c3"]);
  await logsThrough(third());
}, 700_000);

test("the one to which the worker joined stops for good: the worker goes on with the others", async () => {
  await stopController(first());
  await tunnelsSeen(second(), "w1", ["c2", "c3"]);
  await logsThrough(second());
  await logsThrough(third());
}, 700_000);
