// Scenarios `multicontroller`, `hacontrolplane`, `customca`, token invalidation: controllers by tokens alone, the first
// ones by a token that was made before the cluster, under our own authority.

import { expect, setDefaultTimeout, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { clusterOfFile } from "../harness/cluster.ts";
import { tokenFile } from "../harness/k0s-start.ts";
import { componentProcesses } from "../harness/machine-processes.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import { issueCa } from "../../src/pki/issue.ts";

setDefaultTimeout(400_000);

const ca = await issueCa({ cn: "a CA of ours", keyType: "rsa2048", expiresMs: 86_400_000 });
let token: string;

const cluster = clusterOfFile(
  { controllers: [{ name: "c1", prepare: giveCaAndToken }] },
  async ({ controller }) => {
    token = (await controller.ok(["/bin/sh", "-c", "cat /root/out/token_*"])).trim();
    await controller.waitFor("the Secret from the manifest folder", async () =>
      (await controller.k0s("token", "list")).includes("controller"),
    );
  },
);
const first = (): TestMachine => cluster.controller;
const joined = (): readonly TestMachine[] => cluster.controllers.slice(1);

async function giveCaAndToken(machine: TestMachine): Promise<void> {
  const [pki, secrets] = ["/var/lib/k0s/pki", "/var/lib/k0s/manifests/tokens"];
  await machine.ok(["mkdir", "-p", pki, secrets]);
  await machine.writeFile(`${pki}/ca.crt`, ca.cert);
  await machine.writeFile(`${pki}/ca.key`, ca.key, 0o640);
  const url = `https://${machine.address}:9443/`;
  const flags = ["--role", "controller", "--cert", `${pki}/ca.crt`, "--url", url, "--out", "/root/out"];
  await machine.k0s("token", "pre-shared", ...flags);
  await machine.ok(["/bin/sh", "-c", `mv /root/out/bootstrap-token-*.yaml ${secrets}/`]);
}

/** Whatever its exit code: it complains that the authority of this test ends within a day. */
async function statusOf(machine: TestMachine): Promise<string> {
  const { stdout } = await machine.exec(["k0s", "status", "-o", "json"]);
  expect(stdout).toContain('"Args"');
  return stdout;
}

const file = (machine: TestMachine, path: string): Promise<string> => machine.readFile(path);

test("kubectl reads the kubeconfig of a token, as an upstream node would", async () => {
  await first().writeFile("/root/token", await first().joinToken("worker"));
  const view = await first().ok([
    "/bin/sh",
    "-c",
    "base64 -d /root/token | gunzip > /root/token.conf; k0s kubectl --kubeconfig /root/token.conf config view --raw -o json",
  ]);
  expect(JSON.parse(view)).toMatchObject({
    "current-context": "k0s",
    clusters: [{ name: "k0s", cluster: { server: `https://${first().address}:6443` } }],
    users: [
      { name: "kubelet-bootstrap", user: { token: expect.stringMatching(/^[a-z0-9]{6}\.[a-z0-9]{16}$/) } },
    ],
  });
});

test("hacontrolplane: two more join at once and share the cluster's authority", async () => {
  await Promise.all([
    cluster.addController({ name: "c2", token, tokenBy: "file" }),
    cluster.addController({ name: "c3", token, tokenBy: "variable" }),
  ]);
  // All accept it, whichever controller signs for kubelets.
  const kubelets = ["kubelet-serving-ca.key", "kubelet-serving-ca.crt", "kubelet-serving-bundle.crt"];
  for (const controller of joined()) {
    for (const shared of ["ca.crt", "ca.key", "sa.key", "sa.pub", "etcd/ca.crt", ...kubelets]) {
      const path = `/var/lib/k0s/pki/${shared}`;
      expect(await file(controller, path)).toBe(await file(first(), path));
    }
    expect(await controller.etcdMembers()).toEqual(await first().etcdMembers());
  }
  expect(Object.keys(await first().etcdMembers()).sort()).toEqual(["c1", "c2", "c3"]);
  const addresses = [first(), ...joined()].map(({ address }) => address).sort();
  await first().waitFor("the addresses of all", async () => {
    const endpoints = await first().kubectl("get", "endpoints", "kubernetes", "-o", "jsonpath={..ip}");
    return endpoints.split(" ").sort().join() === addresses.join();
  });
}, 600_000);

test("no child of k0s has the token that it was given in its environment, and nobody its words", async () => {
  const [, third] = joined();
  if (third === undefined) throw new Error("there is no third controller");
  const components = await componentProcesses(third, ["etcd", "kube-apiserver", "konnectivity-server"]);
  for (const [name, [process]] of components) {
    const environment = await third.ok(["cat", `/proc/${process?.pid ?? name}/environ`]);
    expect(environment).toContain("PATH=");
    expect(environment).not.toContain("K0S_TOKEN");
    expect(environment).not.toContain(token.slice(0, 40));
  }
  for (const text of [await statusOf(third), await third.readLog("k0s")])
    expect(text).not.toContain(token.slice(0, 40));
});

test("customca: the authority stays what it was, and signs what it must", async () => {
  expect(await file(first(), "/var/lib/k0s/pki/ca.crt")).toBe(ca.cert);
  expect(await file(first(), "/var/lib/k0s/pki/ca.key")).toBe(ca.key);
  const server = new X509Certificate(await file(first(), "/var/lib/k0s/pki/server.crt"));
  expect(server.verify(new X509Certificate(ca.cert).publicKey)).toBe(true);
});

test("the administrator's kubeconfig has a way to each controller", async () => {
  const script = "k0s kubeconfig admin > /root/admin.conf; cat /root/admin.conf";
  const servers = [first(), ...joined()].map(({ address }) => `server: https://${address}:6443`);
  await first().waitFor("a way to each", async () => {
    const view = await first().ok(["/bin/sh", "-c", script]);
    return servers.every((server) => view.includes(server));
  });
  for (const { name } of [first(), ...joined()]) {
    const context = ["--kubeconfig", "/root/admin.conf", "--context", `controller-${name}`];
    expect(await first().kubectl(...context, "get", "--raw", "/readyz")).toBe("ok");
  }
});

test("multicontroller: one of them leads, each holds its lease", async () => {
  const path = "jsonpath={range .items[*]}{.metadata.name}={.spec.holderIdentity} {end}";
  await first().waitFor("the leases", async () => {
    const leases = await first().kubectl("get", "lease", "-n", "kube-node-lease", "-o", path);
    const holders = new Map(
      leases
        .trim()
        .split(" ")
        .map((entry) => entry.split("=") as [string, string]),
    );
    const own = ["c1", "c2", "c3"].map((name) => holders.get(`k0s-ctrl-${name}`) ?? "");
    expect(own).not.toContain("");
    expect(own).toContain(holders.get("k0s-endpoint-reconciler") ?? "nobody");
    return true;
  });
});

test("what is written on one is read on all", async () => {
  await first().kubectl("create", "configmap", "shared", "--from-literal=a=b");
  for (const controller of joined()) {
    expect(await controller.kubectl("get", "configmap", "shared", "-o", "jsonpath={.data.a}")).toBe("b");
  }
});

test("a joined controller starts again without its token file", async () => {
  const [second] = joined();
  if (second === undefined) throw new Error("there is no second controller");
  await second.stopK0s();
  const lease = ["lease", "-n", "kube-node-lease", "k0s-ctrl-c2", "-o", "jsonpath={.spec.holderIdentity}"];
  // If the one that stopped led etcd, a read may fail until the others have a leader.
  const read = await first().waitFor("a read of its lease", async () => {
    const result = await first().tryKubectl("get", ...lease);
    return result.code === 0 && result;
  });
  expect(read.stdout).toBe("");
  await second.ok(["rm", tokenFile]);
  await second.restartK0s();
  await second.apiReady();
  expect(await second.etcdMembers()).toEqual(await first().etcdMembers());
}, 400_000);

test("an invalidated token joins nobody, and is told so", async () => {
  const spent = await first().joinToken("controller");
  const list = await first().k0s("token", "list", "--role", "controller");
  const ids = list
    .split("\n")
    .slice(1)
    .map((line) => line.split(" ")[0] ?? "")
    .filter((id) => id !== "");
  expect(await first().k0s("token", "invalidate", ...ids)).toContain("deleted successfully");
  expect(await first().k0s("token", "list")).toContain("worker");
  const machine = await cluster.network.machine({ name: "late" });
  const { exited } = await machine.startK0s({ role: "controller", token: spent });
  expect(await exited).toBe(1);
  expect(await machine.readLog("k0s")).toContain("does not accept the join token");
  // It changed nothing: the host can still become something else.
  expect((await machine.exec(["test", "-e", "/var/lib/k0s/pki/ca.key"])).code).toBe(1);
}, 400_000);

test("a lost controller is replaced by a new host", async () => {
  const { address } = await cluster.loseController("c3");
  await first().k0s("etcd", "leave", "--peer-address", address);
  expect(Object.keys(await first().etcdMembers()).sort()).toEqual(["c1", "c2"]);
  const newToken = await first().joinToken("controller");
  const replacement = await cluster.addController({ name: "c4", token: newToken, tokenBy: "argument" });
  const shown = `${await statusOf(replacement)}${await replacement.readLog("k0s")}`;
  expect(shown).toContain("Every user of this host can read the join token");
  expect(shown).not.toContain(newToken.slice(0, 40));
  expect(Object.keys(await first().etcdMembers()).sort()).toEqual(["c1", "c2", "c4"]);
  const status = JSON.parse(await first().k0s("etcd", "status", "-o", "json")) as {
    members: { isLearner: boolean }[];
    alarms: unknown[];
  };
  expect(status.members.map(({ isLearner }) => isLearner)).toEqual([false, false, false]);
  expect(status.alarms).toEqual([]);
}, 400_000);
