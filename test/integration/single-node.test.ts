// Scenario `singlenode`: one node from the one file, in a machine that has nothing but busybox, no file of host names, and no
// route to anywhere. One cluster serves all tests; what takes long by itself starts first.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startNetwork, type TestNetwork } from "../harness/test-machine.ts";
import { containerdImportTests } from "./single-node/containerd-imports.ts";
import { kubectlTests } from "./single-node/kubectl.ts";
import { type SingleNode, startSingleNode } from "./single-node/single-node.ts";
import { userTests } from "./single-node/users.ts";
import { applySlowWorkloads, workloadTests } from "./single-node/workloads.ts";

let network: TestNetwork;
let node: SingleNode;

beforeAll(async () => {
  network = await startNetwork();
  node = await startSingleNode(network, {
    root: "busybox",
    noRoutes: true,
    prepare: (machine) => machine.ok(["rm", "/etc/hosts"]),
  });
  await applySlowWorkloads(node);
  await node.apply(await readFile(join(import.meta.dir, "../main-job/web.yaml"), "utf8"));
  await node.kubectl("rollout", "status", "deployment/web", "--timeout=180s");
  await node.kubectl("wait", "--for=condition=Ready", "pod/visitor", "--timeout=120s");
}, 600_000);

afterAll(async () => {
  await network.destroy();
}, 60_000);

test("nothing routes to anywhere, and yet another pod reaches the web servers by the name of their Service", async () => {
  const routes = await node.machine.ok(["cat", "/proc/net/route"]);
  expect(routes).not.toMatch(/^eth0\t/m);
  const url = "http://web.default.svc.cluster.local/";
  expect(await node.kubectl("exec", "visitor", "--", "wget", "-qO-", url)).toContain("nginx on web-");
});

test("status names every component and is well", async () => {
  const status = JSON.parse(await node.machine.ok(["k0s", "status", "-o", "json"])) as Record<
    string,
    unknown
  >;
  expect(status["Role"]).toBe("controller");
  expect(status["SingleNode"]).toBe(true);
  expect(status["Healthy"]).toBe(true);
});

kubectlTests(() => node);
userTests(() => node);
containerdImportTests(() => node);
workloadTests(() => node);

test("kube-apiserver killed comes back, with what was written", async () => {
  const { machine, kubectl } = node;
  await kubectl("create", "configmap", "kept", "--from-literal=a=b");
  const before = (await machine.ok(["cat", "/run/k0s/kube-apiserver.pid"])).trim();
  await machine.ok(["kill", "-9", before]);
  await machine.waitFor(
    "the API",
    async () => (await machine.exec(["k0s", "kubectl", "get", "--raw", "/readyz"])).code === 0,
  );
  expect((await machine.ok(["cat", "/run/k0s/kube-apiserver.pid"])).trim()).not.toBe(before);
  expect(await kubectl("get", "configmap", "kept", "-o", "jsonpath={.data.a}")).toBe("b");
});
