// kube-router as the network of a single node: names, services, policies, ports of the host.

import { expect, test } from "bun:test";
import { clusterOfFile } from "../harness/cluster.ts";
import { singleNode } from "../harness/single-node.ts";
import { startWeb, webAnswers } from "../harness/web-demo.ts";

const cluster = clusterOfFile(
  { controllers: [singleNode({ root: "busybox" })], spec: { network: { provider: "kuberouter" } } },
  ({ controller }) => startWeb(controller),
);

const url = "http://web.default.svc.cluster.local/";
const visit = () => cluster.tryKubectl("exec", "visitor", "--", "timeout", "3", "wget", "-qO-", url);

test("it is the only network provider, and every system pod runs", async () => {
  const { kubectl } = cluster;
  await kubectl("-n", "kube-system", "wait", "--for=condition=Ready", "pod", "--all", "--timeout=240s");
  const names = ["-n", "kube-system", "get", "daemonsets", "-o", "jsonpath={.items[*].metadata.name}"];
  expect(await kubectl(...names)).toBe("kube-router");
});

test("another pod finds the Service by its name, and the Service its pods", async () => {
  await webAnswers(cluster.controller);
});

test("a policy that denies really denies, until it allows", async () => {
  const { controller } = cluster;
  await controller.applyFixture("network-policy.yaml");
  await controller.waitFor("the denial", async () => (await visit()).code !== 0);
  await cluster.kubectl("label", "pod", "visitor", "access=granted");
  await controller.waitFor("the permission", async () => (await visit()).code === 0);
  await cluster.kubectl("delete", "networkpolicy", "web-guarded");
});

test("another host reaches a port of this host that a pod asked for", async () => {
  const { network, controller, kubectl } = cluster;
  const outside = await network.machine({ name: "outside" });
  await cluster.apply(`
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
  const ask = ["curl", "--silent", "--show-error", "--max-time", "5", `http://${controller.address}:8180/`];
  await outside.waitFor("the pod", async () => (await outside.exec(ask)).stdout.includes("nginx on door"));
});
