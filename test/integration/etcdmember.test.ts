// Scenarios `etcdmember` and `etcdlearner`: members leave on request and come back, the leader too; a member that never comes
// stays a learner and stops nobody from writing.

import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  kubectl,
  memberList,
  newController,
  restart,
  stopController,
  type TestController,
  tokenFor,
} from "../harness/controllers.ts";
import { changeAddress } from "../harness/change-address.ts";
import { startNetwork, type TestNetwork } from "../harness/test-machine.ts";

interface Member {
  spec?: { leave?: boolean };
  status?: {
    reconcileStatus?: string;
    memberID?: string;
    peerAddress?: string;
    conditions?: { status: string }[];
  };
}

let network: TestNetwork;
let controllers: TestController[];

const named = (name: string): TestController => {
  const found = controllers.find(({ machine }) => machine.name === name);
  if (found === undefined) throw new Error(`no controller ${name}`);
  return found;
};
const another = (name: string): TestController => {
  const found = controllers.find(({ machine }) => machine.name !== name);
  if (found === undefined) throw new Error("no other controller");
  return found;
};

beforeAll(async () => {
  network = await startNetwork();
  const first = await newController(network, "c1");
  const token = await tokenFor(first, "controller");
  const others = await Promise.all(["c2", "c3"].map((name) => newController(network, name, { token })));
  controllers = [first, ...others];
}, 600_000);

afterAll(async () => {
  await network.destroy();
}, 300_000);

async function member(from: TestController, name: string): Promise<Member> {
  return JSON.parse(await kubectl(from, "get", "etcdmember", name, "-o", "json")) as Member;
}

async function joinedIs(from: TestController, name: string, status: string): Promise<void> {
  await from.machine.waitFor(
    `${name} with Joined=${status}`,
    async () => (await member(from, name)).status?.conditions?.[0]?.status === status,
    { intervalMs: 1_000 },
  );
}

/** Through spec.leave, until it is gone everywhere. */
async function leave(name: string): Promise<void> {
  const other = another(name);
  await kubectl(other, "patch", "etcdmember", name, "--type=merge", "-p", '{"spec":{"leave":true}}');
  await joinedIs(other, name, "False");
  await other.machine.waitFor(
    "the word of success",
    async () => (await member(other, name)).status?.reconcileStatus === "Success",
  );
  expect(Object.keys(await memberList(other))).not.toContain(name);
}

async function rejoin(name: string): Promise<void> {
  const controller = named(name);
  await stopController(controller);
  await controller.machine.ok(["k0s", "reset", "-y"]);
  await restart(controller, { token: await tokenFor(another(name), "controller") });
  await joinedIs(another(name), name, "True");
  expect((await member(another(name), name)).spec?.leave).toBe(false);
  expect(Object.keys(await memberList(controller)).sort()).toEqual(["c1", "c2", "c3"]);
}

test("each controller has its object", async () => {
  const [first] = controllers;
  if (first === undefined) throw new Error("no controllers");
  for (const { machine } of controllers) {
    await joinedIs(first, machine.name, "True");
    const { status } = await member(first, machine.name);
    expect(status).toMatchObject({
      peerAddress: machine.address,
      memberID: expect.stringMatching(/^[0-9a-f]+$/),
    });
  }
}, 400_000);

test("a member leaves on request, and joins again after a reset", async () => {
  await leave("c3");
  const lease = ["get", "lease", "-n", "kube-node-lease", "k0s-ctrl-c3"];
  await another("c3").machine.waitFor(
    "its lease to be given back",
    async () => (await kubectl(another("c3"), ...lease, "-o", "jsonpath=<{.spec.holderIdentity}>")) === "<>",
  );
  await rejoin("c3");
}, 600_000);

/** The controller that leads, by name; nobody may for a moment. */
async function leaderName(): Promise<string> {
  const from = named("c1");
  return from.machine.waitFor("a leader", async () => {
    const leases = JSON.parse(await kubectl(from, "get", "lease", "-n", "kube-node-lease", "-o", "json")) as {
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

test("a restart keeps a member", async () => {
  await stopController(named("c2"));
  await restart(named("c2"));
  await joinedIs(named("c2"), "c2", "True");
}, 400_000);

test("etcdlearner: a member that never comes stays a learner and stops no writes", async () => {
  const { machine } = named("c1");
  await machine.writeFile("/root/token", await tokenFor(named("c1"), "controller"));
  await machine.writeFile(
    "/root/phantom",
    JSON.stringify({ node: "phantom", peerAddress: "https://192.0.2.9:2380" }),
  );
  const conf = "base64 -d /root/token | gunzip > /root/conf";
  const ask = `${conf}; k0s kubectl --kubeconfig /root/conf create --raw /v1beta1/etcd/members -f /root/phantom`;
  const answer = JSON.parse(await machine.ok(["/bin/sh", "-c", ask])) as { initialCluster: string[] };
  expect(answer.initialCluster).toContain("phantom=https://192.0.2.9:2380");
  await kubectl(named("c1"), "create", "configmap", "written", "--from-literal=a=b");
  await Bun.sleep(5_000);
  const status = JSON.parse(await machine.ok(["k0s", "etcd", "status", "-o", "json"])) as {
    members: { isLearner: boolean; peerUrls: string[] }[];
  };
  const phantom = status.members.find(({ peerUrls }) => peerUrls.includes("https://192.0.2.9:2380"));
  expect(phantom?.isLearner).toBe(true);
  await machine.ok(["k0s", "etcd", "leave", "--peer-address", "192.0.2.9"]);
}, 400_000);

test("a member that comes back at another address is known there", async () => {
  const moved = named("c3");
  const address = moved.machine.address.replace(/\d+$/, "250");
  await stopController(moved);
  await changeAddress(moved.machine, address);
  await restart(moved);
  const c1 = named("c1");
  await c1.machine.waitFor(
    "etcd's word of it",
    async () => (await memberList(c1))["c3"] === `https://${address}:2380`,
  );
  await c1.machine.waitFor(
    "the object's word of it",
    async () => (await member(c1, "c3")).status?.peerAddress === address,
  );
  expect((await member(c1, "c3")).status?.conditions?.[0]?.status).toBe("True");
}, 400_000);
