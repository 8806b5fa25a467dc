// Scenario `singlenode`: one node from the one file, in a machine that has nothing but busybox, no file of host names, and no
// route to anywhere. One cluster serves all tests; what takes long by itself starts first.

import { expect, test } from "bun:test";
import { clusterOfFile } from "../harness/cluster.ts";
import { untilDoctorFindsNothing } from "../harness/doctor.ts";
import { singleNode } from "../harness/single-node.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import { startWeb, webAnswers } from "../harness/web-demo.ts";
import { airgapTests } from "./single-node/airgap.ts";
import { containerdImportTests } from "./single-node/containerd-imports.ts";
import { kubeletCertificateTests } from "./single-node/kubelet-certificate.ts";
import { kubectlTests } from "./single-node/kubectl.ts";
import { liveConfigurationTests } from "./single-node/live-configuration.ts";
import { logTests } from "./single-node/logs.ts";
import { programTests } from "./single-node/programs.ts";
import { removedStackTests, stackTests } from "./single-node/stacks.ts";
import { supportBundleTests } from "./single-node/support-bundle.ts";
import { userTests } from "./single-node/users.ts";
import { applySlowWorkloads, configMapTests, workloadTests } from "./single-node/workloads.ts";

const cluster = clusterOfFile(
  {
    controllers: [
      singleNode({
        root: "busybox",
        noRoutes: true,
        args: ["--single"],
        through: ["/bin/sh", "-c", 'umask 027; exec "$0" "$@"'],
        prepare: async (machine) => {
          await machine.ok(["rm", "/etc/hosts"]);
          // Scenario `statussocket`: what a crash of the machine left there.
          await machine.ok(["mkdir", "-p", "/run/k0s"]);
          await machine.writeFile("/run/k0s/status.sock", "not a socket");
        },
      }),
    ],
  },
  async ({ controller }) => {
    await applySlowWorkloads(controller);
    await startWeb(controller);
  },
);
const node = (): TestMachine => cluster.controller;

test("nothing routes to anywhere, and yet another pod reaches the web servers by the name of their Service", async () => {
  const routes = await node().ok(["cat", "/proc/net/route"]);
  expect(routes).not.toMatch(/^eth0\t/m);
  await webAnswers(node());
});

test("doctor finds nothing on a node that is well", async () => {
  const { report } = await untilDoctorFindsNothing(node());
  expect(report.findings).toEqual([]);
  expect(report.links.filter(({ state }) => state === "absent").map(({ link }) => link)).toEqual(["tunnel"]);
});

test("singlenode, statussocket: status names every component and is well", async () => {
  await node().waitFor("good health", () => node().k0s("status"));
  const answer = await node().k0s("status", "-o", "json");
  const status = JSON.parse(answer) as Record<string, unknown>;
  expect(status["Role"]).toBe("controller");
  expect(status["SingleNode"]).toBe(true);
  expect(status["Healthy"]).toBe(true);
});

test("nobody can join a single node, and it is nobody's leader", async () => {
  for (const role of ["worker", "controller"]) {
    const { code, stderr } = await node().exec(["k0s", "token", "create", "--role", role]);
    expect(stderr).toContain("refusing to create token: cannot join into a single node cluster");
    expect(code).toBe(1);
  }
  const leases = await node().kubectl("-n", "kube-system", "get", "leases", "-o", "name");
  expect(leases).not.toMatch(/kube-scheduler|kube-controller-manager/);
});

test("noderole-single: the node has the role of a control plane and no taint", async () => {
  const of = (path: string): Promise<string> =>
    node().kubectl("get", "node", "single", "-o", `jsonpath={${path}}`);
  expect(JSON.parse(await of(".metadata.labels"))).toMatchObject({
    "node-role.kubernetes.io/control-plane": "true",
    "node.k0sproject.io/role": "control-plane",
  });
  expect(await of(".spec.taints")).toBe("");
});

test("the address of the node is the machine's, not one of the pod network", async () => {
  expect(await node().k0s("config", "create")).toContain(`address: ${node().address}\n`);
});

configMapTests(node);
stackTests(node);
programTests(node);
kubectlTests(node);
airgapTests(node);
kubeletCertificateTests(node);
userTests(node);
containerdImportTests(node);
workloadTests(node);
logTests(node);
supportBundleTests(node);
removedStackTests(node);
liveConfigurationTests(node);

test("kube-apiserver killed comes back, with what was written", async () => {
  const machine = node();
  const { kubectl } = machine;
  await kubectl("create", "configmap", "kept", "--from-literal=a=b");
  const before = (await machine.ok(["cat", "/run/k0s/kube-apiserver.pid"])).trim();
  await machine.ok(["kill", "-9", before]);
  await machine.apiReady();
  expect((await machine.ok(["cat", "/run/k0s/kube-apiserver.pid"])).trim()).not.toBe(before);
  expect(await kubectl("get", "configmap", "kept", "-o", "jsonpath={.data.a}")).toBe("b");
});
