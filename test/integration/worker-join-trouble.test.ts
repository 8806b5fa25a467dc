// Scenario `joining with trouble`: what a worker says when it cannot join, and that it goes on by itself once it can.

import { expect, test } from "bun:test";
import type { MachineProcess } from "../../src/sandbox/machine.ts";
import { issueCa } from "../../src/pki/issue.ts";
import { decodeJoinToken, encodeJoinToken } from "../../src/token/join-token.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import { clusterOfFile } from "../harness/cluster.ts";
import { bareControlPlane } from "../harness/controllers.ts";
import { tokenFile } from "../harness/k0s-start.ts";
import { parseTrust } from "../../src/std/trust-bundle.ts";

let visitor: TestMachine;

// Nothing but nodes: neither pods nor their network take part.
const cluster = clusterOfFile(
  { controllers: [{ name: "controller", args: [bareControlPlane] }] },
  async ({ network }) => {
    visitor = await network.machine({ name: "visitor" });
  },
);

/** One `k0s worker` on the machine that has not joined yet. */
interface Attempt {
  readonly process: MachineProcess;
  says(text: string): Promise<void>;
  end(): Promise<void>;
}

let attempts = 0;

async function attempt(token: string, ...args: readonly string[]): Promise<Attempt> {
  attempts += 1;
  const log = `attempt-${attempts}`;
  const process = await visitor.startK0s({ role: "worker", token, args: ["--verbose", ...args], log });
  return {
    process,
    says: async (text) => {
      await visitor.waitFor(`"${text}"`, async () => (await visitor.readLog(log)).includes(text));
    },
    end: async () => {
      await process.kill("SIGTERM");
      await process.exited;
    },
  };
}

/** Joins, then becomes a stranger again. */
async function joinsThenLeaves(one: Attempt): Promise<void> {
  await one.says("Joined the cluster");
  await one.end();
  await visitor.ok([
    "rm",
    "-rf",
    "/var/lib/k0s/kubelet.conf",
    "/var/lib/k0s/kubelet/pki",
    "/var/lib/k0s/worker-profile.yaml",
  ]);
}

async function statusProblems(): Promise<string> {
  const { stdout } = await visitor.exec(["k0s", "status", "-o", "json"]);
  return (JSON.parse(stdout) as { Problems: string[] }).Problems.join("\n");
}

async function movedTo(server: string): Promise<string> {
  return encodeJoinToken({
    ...(await decodeJoinToken(await cluster.controller.joinToken("worker"))),
    server,
  });
}

test("nobody listens where the token leads; a better token in the file is taken up", async () => {
  const one = await attempt(await movedTo(`https://${cluster.controller.address}:1`));
  await one.says(`cannot reach the API server https://${cluster.controller.address}:1: connection refused`);
  await visitor.waitFor("the status", async () =>
    (await statusProblems()).includes("connection refused. Does the controller run"),
  );
  await visitor.writeFile(tokenFile, await cluster.controller.joinToken("worker"), 0o600);
  await joinsThenLeaves(one);
}, 400_000);

test("no host has the address", async () => {
  const one = await attempt(await movedTo("https://10.200.0.250:6443"));
  await one.says("cannot reach the API server https://10.200.0.250:6443: ");
  await one.end();
}, 400_000);

test("a token that has expired", async () => {
  const token = await cluster.controller.joinToken("worker", "--expiry=1s");
  await Bun.sleep(2_000);
  const one = await attempt(token);
  await one.says("the join token has expired since");
  await visitor.writeFile(tokenFile, await cluster.controller.joinToken("worker"), 0o600);
  await joinsThenLeaves(one);
}, 400_000);

test("a token that was invalidated", async () => {
  const token = await cluster.controller.joinToken("worker");
  const id = (await decodeJoinToken(token)).token.slice(0, 6);
  await cluster.controller.k0s("token", "invalidate", id);
  const one = await attempt(token);
  await one.says("does not accept the join token");
  await one.end();
}, 400_000);

test("a token of another cluster", async () => {
  const foreign = await issueCa({ cn: "another", expiresMs: 3_600_000 });
  const token = encodeJoinToken({
    ...(await decodeJoinToken(await cluster.controller.joinToken("worker"))),
    ca: parseTrust(foreign.cert, "ca.crt"),
  });
  const one = await attempt(token);
  await one.says("the join token belongs to another cluster");
  await one.end();
}, 400_000);

test("a token for controllers, a damaged one and none at all end it", async () => {
  const controllerToken = await cluster.controller.joinToken("controller");
  const cases: readonly [string, string][] = [
    [controllerToken, "wrong token type controller-bootstrap, expected type: kubelet-bootstrap"],
    [(await cluster.controller.joinToken("worker")).slice(0, 400), "the join token is truncated"],
    ["rubbish", "the join token cannot be read"],
    ["", `the join token file ${tokenFile} is empty`],
  ];
  for (const [token, text] of cases) {
    const one = await attempt(token);
    await one.says(text);
    expect(await one.process.exited).toBe(1);
  }
  const none = await visitor.exec(["k0s", "worker"]);
  expect(none.code).toBe(1);
  expect(none.stderr).toContain("this host has not joined a cluster yet, and no join token was given");
}, 400_000);

test("a profile that does not exist", async () => {
  const one = await attempt(await cluster.controller.joinToken("worker"), "--profile=nope");
  await one.says("the cluster has no settings kube-system/worker-config-nope-");
  await joinsThenLeaves(one);
}, 400_000);

test("kubelet's port is in use; it goes on when the port is free", async () => {
  const holder = visitor.spawn(["busybox", "nc", "-l", "-p", "10250"]);
  await visitor.waitFor(
    "the listener",
    async () => (await visitor.sh("grep -q :280A /proc/net/tcp /proc/net/tcp6")).code === 0,
  );
  const one = await attempt(await cluster.controller.joinToken("worker"));
  await one.says("Port 10250, which kubelet needs, is in use by busybox");
  // The status says so from the next look on.
  await visitor.waitFor("the status", async () => (await statusProblems()).includes("Port 10250"));
  await holder.kill("SIGKILL");
  await one.says("kubelet ready");
  await cluster.controller.waitFor("the node", async () =>
    (await cluster.kubectl("get", "nodes")).includes("visitor"),
  );
  await joinsThenLeaves(one);
}, 400_000);

test("the name is taken by a living node", async () => {
  await cluster.addWorker({ name: "good" });
  await cluster.controller.waitFor(
    "the first sign of life",
    async () => (await cluster.tryKubectl("get", "lease", "-n", "kube-node-lease", "good")).code === 0,
  );
  const one = await attempt(
    await cluster.controller.joinToken("worker"),
    "--kubelet-extra-args=--hostname-override=good",
  );
  await one.says(`the name good is taken: a node of that name at ${cluster.worker("good").address}`);
  await one.end();
  expect((await visitor.exec(["test", "-e", "/var/lib/k0s/kubelet.conf"])).code).toBe(1);
}, 600_000);

test("a host that joined under another name says so", async () => {
  const worker = cluster.worker("good");
  await worker.k0s("stop");
  const { code, stderr } = await worker.exec([
    "k0s",
    "worker",
    "--kubelet-extra-args=--hostname-override=better",
  ]);
  expect(code).toBe(1);
  expect(stderr).toContain("this host joined its cluster as good, but its name is better now");
}, 400_000);

test("a joined worker starts while no controller answers, and says so", async () => {
  const worker = cluster.worker("good");
  await cluster.controller.k0s("stop");
  await worker.startK0s({ role: "worker", args: ["--verbose"] });
  const says = (text: string) =>
    worker.waitFor(`"${text}"`, async () => (await worker.k0sLog()).includes(text));
  await says(`cannot reach the API server https://${cluster.controller.address}:6443`);
  await says("No API server answers: starting with the settings of last time");
  await says("kubelet ready");
  await cluster.startController();
  const back = Date.now();
  // Without a network the node does not get Ready, but its kubelet gives signs of life.
  await worker.waitFor(
    "a heartbeat",
    async () => {
      const path = "jsonpath={.spec.renewTime}";
      const time = await cluster.kubectl("get", "lease", "-n", "kube-node-lease", "good", "-o", path);
      return Date.parse(time) > back;
    },
    { intervalMs: 1_000 },
  );
  // Of all that it said while it was alone only this is left: the cluster has no network, so no node is Ready.
  await worker.waitFor("no other problem", async () => {
    const { stdout } = await worker.exec(["k0s", "status", "-o", "json"]);
    const { Problems } = JSON.parse(stdout) as { Problems: readonly string[] };
    return Problems.length === 1 && Problems[0]?.startsWith("node good is not Ready: ");
  });
}, 600_000);
