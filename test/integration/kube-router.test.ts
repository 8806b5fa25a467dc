// kube-router as the network of a single node: names, services, policies, ports of the host.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";
import { type SingleNode, startSingleNode } from "../harness/single-node.ts";
import { startWeb, webAnswers } from "../harness/web-demo.ts";

let network: TestNetwork;
let node: SingleNode;
let outside: TestMachine;

const url = "http://web.default.svc.cluster.local/";
const visit = () => node.tryKubectl("exec", "visitor", "--", "timeout", "3", "wget", "-qO-", url);

beforeAll(async () => {
  network = await startNetwork();
  [node, outside] = await Promise.all([
    startSingleNode(network, { root: "busybox", spec: { network: { provider: "kuberouter" } } }),
    network.machine({ name: "outside" }),
  ]);
  await startWeb(node);
}, 600_000);

afterAll(async () => {
  await network.destroy();
}, 300_000);

test("it is the only network provider, and every system pod runs", async () => {
  const { kubectl } = node;
  await kubectl("-n", "kube-system", "wait", "--for=condition=Ready", "pod", "--all", "--timeout=240s");
  const names = ["-n", "kube-system", "get", "daemonsets", "-o", "jsonpath={.items[*].metadata.name}"];
  expect(await kubectl(...names)).toBe("kube-router");
});

test("another pod finds the Service by its name, and the Service its pods", async () => {
  await webAnswers(node);
});

test("a policy that denies really denies, until it allows", async () => {
  const { applyFixture, kubectl, machine } = node;
  await applyFixture("network-policy.yaml");
  await machine.waitFor("the denial", async () => (await visit()).code !== 0);
  await kubectl("label", "pod", "visitor", "access=granted");
  await machine.waitFor("the permission", async () => (await visit()).code === 0);
  await kubectl("delete", "networkpolicy", "web-guarded");
});

test("another host reaches a port of this host that a pod asked for", async () => {
  const { apply, kubectl, machine } = node;
  await apply(`
apiVersion: v1
kind: Pod
metadata: {name: door, namespace: default}
spec:
  containers:
    - name: web
      image: localhost/k0s/web:1
      imagePullPolicy: Never
      ports: [{containerPort: 8080, hostPort: 8180}]
`);
  await kubectl("wait", "--for=condition=Ready", "pod/door", "--timeout=240s");
  const ask = ["curl", "--silent", "--show-error", "--max-time", "5", `http://${machine.address}:8180/`];
  await outside.waitFor("the pod", async () => (await outside.exec(ask)).stdout.includes("nginx on door"));
});
