// Scenarios `etcdmember` and `etcdlearner`: members leave on request and come back, the leader too; a member that never comes
// stays a learner and stops nobody from writing, while others start again and move.

import { expect, test } from "bun:test";
import { changeAddress } from "../harness/change-address.ts";
import { clusterOfFile } from "../harness/cluster.ts";
import { bareControlPlane } from "../harness/controllers.ts";
import type { TestMachine } from "../harness/test-machine.ts";

interface Member {
  spec?: { leave?: boolean };
  status?: {
    reconcileStatus?: string;
    memberID?: string;
    peerAddress?: string;
    conditions?: { status: string }[];
  };
}

const args = [bareControlPlane];
const cluster = clusterOfFile({
  controllers: ["c1", "c2", "c3"].map((name) => ({ name, args })),
});
const named = (name: string): TestMachine => cluster.controllerNamed(name);
const another = (name: string): TestMachine => {
  const found = cluster.controllers.find((controller) => controller.name !== name);
  if (found === undefined) throw new Error("no other controller");
  return found;
};

async function member(from: TestMachine, name: string): Promise<Member> {
  return JSON.parse(await from.kubectl("get", "etcdmember", name, "-o", "json")) as Member;
}

async function joinedIs(from: TestMachine, name: string, status: string): Promise<void> {
  await from.waitFor(
    `${name} with Joined=${status}`,
    async () => (await member(from, name)).status?.conditions?.[0]?.status === status,
    { intervalMs: 1_000 },
  );
}

/** Through spec.leave, until it is gone everywhere. */
async function leave(name: string): Promise<void> {
  const other = another(name);
  await other.kubectl("patch", "etcdmember", name, "--type=merge", "-p", '{"spec":{"leave":true}}');
  await joinedIs(other, name, "False");
  await other.waitFor(
    "the word of success",
    async () => (await member(other, name)).status?.reconcileStatus === "Success",
  );
  expect(Object.keys(await other.etcdMembers())).not.toContain(name);
}

async function rejoin(name: string): Promise<void> {
  const controller = named(name);
  await controller.stopK0s();
  await controller.k0s("reset", "-y");
  await cluster.startController(controller, { token: await another(name).joinToken("controller") });
  await joinedIs(another(name), name, "True");
  expect((await member(another(name), name)).spec?.leave).toBe(false);
  expect(Object.keys(await controller.etcdMembers()).sort()).toEqual(["c1", "c2", "c3"]);
}

test("each controller has its object", async () => {
  const first = cluster.controller;
  for (const { name, address } of cluster.controllers) {
    await joinedIs(first, name, "True");
    const { status } = await member(first, name);
    expect(status).toMatchObject({
      peerAddress: address,
      memberID: expect.stringMatching(/^[0-9a-f]+$/),
    });
  }
}, 400_000);

test("etcdmember: a member leaves on request, and joins again after a reset", async () => {
  await leave("c3");
  const lease = ["get", "lease", "-n", "kube-node-lease", "k0s-ctrl-c3"];
  await another("c3").waitFor(
    "its lease to be given back",
    async () => (await another("c3").kubectl(...lease, "-o", "jsonpath=<{.spec.holderIdentity}>")) === "<>",
  );
  await rejoin("c3");
}, 600_000);

/** The controller that leads, by name; nobody may for a moment. */
async function leaderName(): Promise<string> {
  const from = named("c1");
  return from.waitFor("a leader", async () => {
    const leases = JSON.parse(await from.kubectl("get", "lease", "-n", "kube-node-lease", "-o", "json")) as {
      items: { metadata: { name: string }; spec: { holderIdentity?: string } }[];
    };
    const holderOf = (name: string): string =>
      leases.items.find(({ metadata }) => metadata.name === name)?.spec.holderIdentity ?? "";
    const holder = holderOf("k0s-endpoint-reconciler");
    return holder !== "" && ["c1", "c2", "c3"].find((name) => holderOf(`k0s-ctrl-${name}`) === holder);
  });
}

test("the leader leaves too", async () => {
  const leader = await leaderName();
  await leave(leader);
  await rejoin(leader);
}, 600_000);

test("a member that another one removes ends its parts, says so, and joins again after a reset", async () => {
  const machine = named("c3");
  const c1 = named("c1");
  await c1.k0s("etcd", "leave", "--peer-address", machine.address);
  await machine.waitFor(
    "the end of its parts",
    async () => {
      const { stdout } = await machine.exec(["k0s", "status", "-o", "json"]);
      return stdout !== "" && (JSON.parse(stdout) as { Components: unknown[] }).Components.length === 0;
    },
    { intervalMs: 500 },
  );
  const { code, stdout } = await machine.exec(["k0s", "status"]);
  expect([code, stdout.split("\n")[0]]).toEqual([
    1,
    "✖ this controller was removed from its etcd cluster, so it runs nothing any more; end it with `k0s stop`, then `k0s reset`; it joins again with a new join token",
  ]);
  const running = await machine.sh(
    "for one in /proc/[0-9]*; do readlink $one/exe; done | grep /var/lib/k0s/bin/",
  );
  expect(running.stdout).toBe("");
  const ends = (await machine.k0sLog())
    .split("\n")
    .filter((line) => /ended by itself.*component=etcd/.test(line));
  // The end that it is known by may be one.
  expect(ends.length).toBeLessThan(2);
  await joinedIs(c1, "c3", "False");
  await rejoin("c3");
}, 600_000);

const phantomUrl = "https://192.0.2.9:2380";
/** By performance.now(). */
let phantomSince = 0;

test("etcdlearner: a member that never comes is added", async () => {
  const machine = named("c1");
  await machine.writeFile("/root/token", await machine.joinToken("controller"));
  await machine.writeFile("/root/phantom", JSON.stringify({ node: "phantom", peerAddress: phantomUrl }));
  const conf = "base64 -d /root/token | gunzip > /root/conf";
  const ask = `${conf}; k0s kubectl --kubeconfig /root/conf create --raw /v1beta1/etcd/members -f /root/phantom`;
  const answer = JSON.parse(await machine.ok(["/bin/sh", "-c", ask])) as { initialCluster: string[] };
  expect(answer.initialCluster).toContain(`phantom=${phantomUrl}`);
  phantomSince = performance.now();
  await machine.kubectl("create", "configmap", "written-at-first");
}, 400_000);

test("a restart keeps a member", async () => {
  await named("c2").stopK0s();
  await cluster.startController(named("c2"));
  await joinedIs(named("c2"), "c2", "True");
}, 400_000);

test("a member that comes back at another address is known there", async () => {
  const moved = named("c3");
  const address = moved.address.replace(/\d+$/, "250");
  await moved.stopK0s();
  await changeAddress(moved, address);
  await cluster.startController(moved);
  const c1 = named("c1");
  await c1.waitFor(
    "etcd's word of it",
    async () => (await c1.etcdMembers())["c3"] === `https://${address}:2380`,
  );
  await c1.waitFor(
    "the object's word of it",
    async () => (await member(c1, "c3")).status?.peerAddress === address,
  );
  expect((await member(c1, "c3")).status?.conditions?.[0]?.status).toBe("True");
}, 400_000);

test("etcdlearner: half a minute later it is a learner still, and has stopped nobody from writing", async () => {
  const machine = named("c1");
  await Bun.sleep(Math.max(0, phantomSince + 30_000 - performance.now()));
  const status = JSON.parse(await machine.k0s("etcd", "status", "-o", "json")) as {
    members: { isLearner: boolean; peerUrls: string[] }[];
  };
  const phantom = status.members.find(({ peerUrls }) => peerUrls.includes(phantomUrl));
  expect([phantom?.isLearner, status.members.length]).toEqual([true, 4]);
  for (const controller of cluster.controllers)
    await controller.kubectl("create", "configmap", `written-by-${controller.name}`);
  await machine.k0s("etcd", "leave", "--peer-address", "192.0.2.9");
  expect(Object.keys(await machine.etcdMembers()).sort()).toEqual(["c1", "c2", "c3"]);
}, 400_000);
