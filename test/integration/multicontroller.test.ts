// Scenarios `multicontroller`, `hacontrolplane`, `customca`, token invalidation: controllers by tokens alone, the first ones by a
// token that was made before the cluster, under an authority of ours.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import {
  kubectl,
  launch,
  memberList,
  newController,
  restart,
  stopController,
  type TestController,
  tokenFor,
} from "../harness/controllers.ts";
import { componentProcesses } from "../harness/machine-processes.ts";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";
import { issueCa } from "../../src/pki/issue.ts";

setDefaultTimeout(400_000);

let network: TestNetwork;
let first: TestController;
let token: string;
let ca: { cert: string; key: string };
const joined: TestController[] = [];

beforeAll(async () => {
  network = await startNetwork();
  ca = await issueCa({ cn: "a CA of ours", expiresMs: 86_400_000 });
  first = await newController(network, "c1", { prepare: giveCaAndToken });
  token = (await first.machine.ok(["/bin/sh", "-c", "cat /root/out/token_*"])).trim();
  await first.machine.waitFor("the Secret from the manifest folder", async () =>
    (await first.machine.ok(["k0s", "token", "list"])).includes("controller"),
  );
}, 400_000);

async function giveCaAndToken(machine: TestMachine): Promise<void> {
  const [pki, secrets] = ["/var/lib/k0s/pki", "/var/lib/k0s/manifests/tokens"];
  await machine.ok(["mkdir", "-p", pki, secrets]);
  await machine.writeFile(`${pki}/ca.crt`, ca.cert);
  await machine.writeFile(`${pki}/ca.key`, ca.key, 0o640);
  const url = `https://${machine.address}:9443/`;
  const flags = ["--role", "controller", "--cert", `${pki}/ca.crt`, "--url", url, "--out", "/root/out"];
  await machine.ok(["k0s", "token", "pre-shared", ...flags]);
  await machine.ok(["/bin/sh", "-c", `mv /root/out/bootstrap-token-*.yaml ${secrets}/`]);
}

afterAll(async () => {
  await network.destroy();
}, 300_000);

/** Whatever its exit code: it complains that the authority of this test ends within a day. */
async function statusOf({ machine }: TestController): Promise<string> {
  const { stdout } = await machine.exec(["k0s", "status", "-o", "json"]);
  expect(stdout).toContain('"Args"');
  return stdout;
}

const file = ({ machine }: TestController, path: string): Promise<string> => machine.readFile(path);

test("kubectl reads the kubeconfig of a token, as an upstream node would", async () => {
  await first.machine.writeFile("/root/token", await tokenFor(first, "worker"));
  const view = await first.machine.ok([
    "/bin/sh",
    "-c",
    "base64 -d /root/token | gunzip > /root/token.conf; k0s kubectl --kubeconfig /root/token.conf config view --raw -o json",
  ]);
  expect(JSON.parse(view)).toMatchObject({
    "current-context": "k0s",
    clusters: [{ name: "k0s", cluster: { server: `https://${first.machine.address}:6443` } }],
    users: [
      { name: "kubelet-bootstrap", user: { token: expect.stringMatching(/^[a-z0-9]{6}\.[a-z0-9]{16}$/) } },
    ],
  });
});

test("two more join at once and share the cluster's authority", async () => {
  const ways = { c2: "file", c3: "variable" } as const;
  const joining = Object.entries(ways).map(([name, tokenBy]) =>
    newController(network, name, { token, tokenBy }),
  );
  joined.push(...(await Promise.all(joining)));
  // Whoever signs for kubelets, all accept it.
  const kubelets = ["kubelet-serving-ca.key", "kubelet-serving-ca.crt", "kubelet-serving-bundle.crt"];
  for (const controller of joined) {
    for (const shared of ["ca.crt", "ca.key", "sa.key", "sa.pub", "etcd/ca.crt", ...kubelets]) {
      const path = `/var/lib/k0s/pki/${shared}`;
      expect(await file(controller, path)).toBe(await file(first, path));
    }
    expect(await memberList(controller)).toEqual(await memberList(first));
  }
  expect(Object.keys(await memberList(first)).sort()).toEqual(["c1", "c2", "c3"]);
  const addresses = [first, ...joined].map(({ machine }) => machine.address).sort();
  await first.machine.waitFor("the addresses of all", async () => {
    const endpoints = await kubectl(first, "get", "endpoints", "kubernetes", "-o", "jsonpath={..ip}");
    return endpoints.split(" ").sort().join() === addresses.join();
  });
}, 600_000);

test("no child of k0s has the token that it was given in its environment, and nobody its words", async () => {
  const [, third] = joined;
  if (third === undefined) throw new Error("there is no third controller");
  const { machine } = third;
  const components = await componentProcesses(machine, ["etcd", "kube-apiserver", "konnectivity-server"]);
  for (const [name, [process]] of components) {
    const environment = await machine.ok(["cat", `/proc/${process?.pid ?? name}/environ`]);
    expect(environment).toContain("PATH=");
    expect(environment).not.toContain("K0S_TOKEN");
    expect(environment).not.toContain(token.slice(0, 40));
  }
  for (const text of [await statusOf(third), await machine.readLog("k0s")])
    expect(text).not.toContain(token.slice(0, 40));
});

test("customca: the authority stays what it was, and signs what it must", async () => {
  expect(await file(first, "/var/lib/k0s/pki/ca.crt")).toBe(ca.cert);
  expect(await file(first, "/var/lib/k0s/pki/ca.key")).toBe(ca.key);
  const server = new X509Certificate(await file(first, "/var/lib/k0s/pki/server.crt"));
  expect(server.verify(new X509Certificate(ca.cert).publicKey)).toBe(true);
});

test("the administrator's kubeconfig has a way to each controller", async () => {
  const script = "k0s kubeconfig admin > /root/admin.conf; cat /root/admin.conf";
  const servers = [first, ...joined].map(({ machine }) => `server: https://${machine.address}:6443`);
  await first.machine.waitFor("a way to each", async () => {
    const view = await first.machine.ok(["/bin/sh", "-c", script]);
    return servers.every((server) => view.includes(server));
  });
  for (const { machine } of [first, ...joined]) {
    const context = ["--kubeconfig", "/root/admin.conf", "--context", `controller-${machine.name}`];
    expect(await first.machine.ok(["k0s", "kubectl", ...context, "get", "--raw", "/readyz"])).toBe("ok");
  }
});

test("one of them leads, each holds its lease", async () => {
  const path = "jsonpath={range .items[*]}{.metadata.name}={.spec.holderIdentity} {end}";
  await first.machine.waitFor("the leases", async () => {
    const leases = await kubectl(first, "get", "lease", "-n", "kube-node-lease", "-o", path);
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
  await kubectl(first, "create", "configmap", "shared", "--from-literal=a=b");
  for (const controller of joined) {
    expect(await kubectl(controller, "get", "configmap", "shared", "-o", "jsonpath={.data.a}")).toBe("b");
  }
});

test("a joined controller starts again without its token file", async () => {
  const [second] = joined;
  if (second === undefined) throw new Error("there is no second controller");
  await stopController(second);
  const lease = "jsonpath={.spec.holderIdentity}";
  expect(await kubectl(first, "get", "lease", "-n", "kube-node-lease", "k0s-ctrl-c2", "-o", lease)).toBe("");
  await second.machine.ok(["rm", "/root/token"]);
  await restart(second, { args: ["--token-file", "/root/token"] });
  expect(await memberList(second)).toEqual(await memberList(first));
}, 400_000);

test("an invalidated token joins nobody, and is told so", async () => {
  const spent = await tokenFor(first, "controller");
  const list = await first.machine.ok(["k0s", "token", "list", "--role", "controller"]);
  const ids = list
    .split("\n")
    .slice(1)
    .map((line) => line.split(" ")[0] ?? "")
    .filter((id) => id !== "");
  expect(await first.machine.ok(["k0s", "token", "invalidate", ...ids])).toContain("deleted successfully");
  expect(await first.machine.ok(["k0s", "token", "list"])).toContain("worker");
  const machine = await network.machine({ name: "late" });
  const { exited } = await launch(machine, { token: spent });
  expect(await exited).toBe(1);
  expect(await machine.readLog("k0s")).toContain("does not accept the join token");
  // It changed nothing: the host can still become something else.
  expect((await machine.exec(["test", "-e", "/var/lib/k0s/pki/ca.key"])).code).toBe(1);
}, 400_000);

test("a lost controller is replaced by a new host", async () => {
  const lost = joined.pop();
  if (lost === undefined) throw new Error("there is no third controller");
  const address = lost.machine.address;
  await lost.machine.destroy();
  await first.machine.ok(["k0s", "etcd", "leave", "--peer-address", address]);
  expect(Object.keys(await memberList(first)).sort()).toEqual(["c1", "c2"]);
  const fourth = { token: await tokenFor(first, "controller"), tokenBy: "argument" } as const;
  const replacement = await newController(network, "c4", fourth);
  joined.push(replacement);
  const shown = `${await statusOf(replacement)}${await replacement.machine.readLog("k0s")}`;
  expect(shown).toContain("Every user of this host can read the join token");
  expect(shown).not.toContain(fourth.token.slice(0, 40));
  expect(Object.keys(await memberList(first)).sort()).toEqual(["c1", "c2", "c4"]);
  const status = JSON.parse(await first.machine.ok(["k0s", "etcd", "status", "-o", "json"])) as {
    members: { isLearner: boolean }[];
    alarms: unknown[];
  };
  expect(status.members.map(({ isLearner }) => isLearner)).toEqual([false, false, false]);
  expect(status.alarms).toEqual([]);
}, 400_000);
