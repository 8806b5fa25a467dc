// Scenarios `disabledcomponents`, `privileged-port`, `capitalhostnames` and `stackapplier`: a controller with nearly nothing
// but an API server, on a port below 1024, on a host whose name has capital letters.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { disableableComponents } from "../../src/cli/controller/flags.ts";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";

const disabled = disableableComponents;

let network: TestNetwork;
let machine: TestMachine;

async function start(without: readonly string[]): Promise<() => Promise<void>> {
  const k0s = await machine.startK0s({
    role: "controller",
    args: ["--config=/etc/k0s.yaml", `--disable-components=${without.join(",")}`],
    log: `k0s without ${without.length}`,
  });
  await machine.waitFor("the controller", async () => (await machine.k0sLog()).includes("is ready"));
  return async () => {
    await k0s.kill();
    expect(await k0s.exited).toBe(0);
  };
}

beforeAll(async () => {
  network = await startNetwork();
  machine = await network.machine({ root: "busybox" });
  await machine.ok(["hostname", "Privileged-Host"]);
  await machine.writeFile("/etc/k0s.yaml", "spec: {api: {port: 443}}\n");
}, 400_000);

afterAll(async () => {
  await network.destroy();
}, 300_000);

test("disabledcomponents: what is disabled neither runs nor leaves objects", async () => {
  const stop = await start(disabled);
  const running = (await machine.ok(["ls", "/run/k0s"])).split("\n").filter((name) => name.endsWith(".pid"));
  expect(running).toEqual(["etcd.pid", "kube-apiserver.pid"]);
  expect(await machine.kubectl("get", "pods,deployments,daemonsets", "-A")).toBe("");
  expect(await machine.kubectl("-n", "kube-system", "get", "leases", "-o", "name")).not.toMatch(
    /scheduler|controller-manager/,
  );
  expect(await machine.ok(["ls", "/var/lib/k0s/manifests"])).toBe("");
  await stop();
});

test("privileged-port, stackapplier: the API server has the right to a port below 1024, and no other right", async () => {
  const stop = await start(disabled.filter((name) => name !== "applier-manager"));
  const pid = (await machine.ok(["cat", "/run/k0s/kube-apiserver.pid"])).trim();
  const status = await machine.ok(["cat", `/proc/${pid}/status`]);
  // Bit 10 is NET_BIND_SERVICE.
  expect(status).toMatch(/^CapEff:\t0000000000000400$/m);
  expect(status).not.toMatch(/^Uid:\t0\t/m);
  expect(await machine.kubectl("version", "-o", "json")).toContain("serverVersion");

  // The same controller: a file with an object, its namespace and its kind, in the worst order.
  await machine.ok(["mkdir", "-p", "/var/lib/k0s/manifests/crooked"]);
  await machine.writeFile("/var/lib/k0s/manifests/crooked/all.yaml", crooked);
  await machine.waitFor(
    "the object of the new kind",
    async () =>
      (await machine.kubectl("-n", "crooked", "get", "oddities", "one", "-o", "name")).trim() !== "",
  );
  await stop();
});

const crooked = `
apiVersion: example.org/v1
kind: Oddity
metadata: {name: one, namespace: crooked}
---
apiVersion: v1
kind: Namespace
metadata: {name: crooked}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: oddities.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {plural: oddities, singular: oddity, kind: Oddity}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object}}
`;
