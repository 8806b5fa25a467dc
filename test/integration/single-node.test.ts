// Scenario `singlenode`: one node from the one file, in a machine that has nothing but busybox and no route to anywhere.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";
import { buildDemoImages } from "../../build/images/demo-images.ts";

let network: TestNetwork;
let machine: TestMachine;

const kubectl = (...args: readonly string[]): Promise<string> =>
  machine.ok(["k0s", "kubectl", ...args], { timeoutMs: 180_000 });
const fixture = (name: string): Promise<string> => readFile(join(import.meta.dir, "fixtures", name), "utf8");
const apply = async (manifest: string): Promise<string> =>
  await machine.ok(["k0s", "kubectl", "apply", "--server-side", "-f", "-"], {
    input: manifest,
    timeoutMs: 60_000,
  });

beforeAll(async () => {
  network = await startNetwork();
  machine = await network.machine({ name: "single", root: "busybox" });
  await machine.start("k0s", ["k0s", "controller", "--single"]);
  await machine.waitFor(
    "a ready cluster",
    async () => (await machine.readLog("k0s")).includes("The cluster is ready"),
    {
      timeoutMs: 180_000,
    },
  );
  await machine.writeFile("/var/lib/k0s/images/.demo", await readFile(await buildDemoImages()));
  await machine.ok(["mv", "/var/lib/k0s/images/.demo", "/var/lib/k0s/images/demo.tar"]);
  await apply(await readFile(join(import.meta.dir, "../main-job/web.yaml"), "utf8"));
  await kubectl("rollout", "status", "deployment/web", "--timeout=120s");
  await kubectl("wait", "--for=condition=Ready", "pod/visitor", "--timeout=120s");
}, 400_000);

afterAll(async () => {
  await network.destroy();
}, 60_000);

test("another pod reaches the web servers by the name of their Service", async () => {
  const answer = await kubectl(
    "exec",
    "visitor",
    "--",
    "wget",
    "-qO-",
    "http://web.default.svc.cluster.local/",
  );
  expect(answer).toContain("nginx on web-");
});

test("status names every component and is well", async () => {
  const status = JSON.parse(await machine.ok(["k0s", "status", "-o", "json"])) as Record<string, unknown>;
  expect(status["Role"]).toBe("controller");
  expect(status["SingleNode"]).toBe(true);
  expect(status["Healthy"]).toBe(true);
});

test("volumes of type hostPath and local keep what a pod writes", async () => {
  await machine.ok(["mkdir", "-p", "/var/lib/k0s-test/local"]);
  await apply(await fixture("volumes.yaml"));
  await kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/writer", "--timeout=120s");
  expect(await kubectl("logs", "writer")).toBe("from-host-path\nfrom-local\n");
});

test("a failing liveness probe restarts its container", async () => {
  await apply(await fixture("liveness.yaml"));
  await kubectl("wait", "--for=condition=Ready", "pod/forgetful", "--timeout=120s");
  await kubectl("exec", "forgetful", "--", "rm", "/tmp/alive");
  await kubectl(
    "wait",
    "--for=jsonpath={.status.containerStatuses[0].restartCount}=1",
    "pod/forgetful",
    "--timeout=120s",
  );
});

test("a policy that denies really denies", async () => {
  await apply(await fixture("network-policy.yaml"));
  const visit = (): Promise<{ code: number }> =>
    machine.exec([
      "k0s",
      "kubectl",
      "exec",
      "visitor",
      "--",
      "timeout",
      "3",
      "wget",
      "-qO-",
      "http://web.default.svc.cluster.local/",
    ]);
  await machine.waitFor("the denial", async () => (await visit()).code !== 0, { timeoutMs: 60_000 });
  await kubectl("label", "pod", "visitor", "access=granted");
  await machine.waitFor("the permission", async () => (await visit()).code === 0, { timeoutMs: 60_000 });
});

test("kube-apiserver killed comes back, with what was written", async () => {
  await kubectl("create", "configmap", "kept", "--from-literal=a=b");
  const before = (await machine.ok(["cat", "/run/k0s/kube-apiserver.pid"])).trim();
  await machine.ok(["kill", "-9", before]);
  await machine.waitFor(
    "the API",
    async () => (await machine.exec(["k0s", "kubectl", "get", "--raw", "/readyz"])).code === 0,
    {
      timeoutMs: 60_000,
    },
  );
  expect((await machine.ok(["cat", "/run/k0s/kube-apiserver.pid"])).trim()).not.toBe(before);
  expect(await kubectl("get", "configmap", "kept", "-o", "jsonpath={.data.a}")).toBe("b");
});
