// Scenario: a join killed at each of its phases and run again works; one that is ended in order leaves nothing behind; a host
// that lost its etcd data, or was removed, never makes a second cluster.

import { afterAll, beforeAll, expect } from "bun:test";
import {
  apiReady,
  launch,
  newController,
  restart,
  stopController,
  type TestController,
  tokenFor,
} from "../harness/controllers.ts";
import { scenariosOn } from "../harness/scenario.ts";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";

let network: TestNetwork;
const scenario = scenariosOn(() => network);
let cluster: TestController;
let token: string;

beforeAll(async () => {
  network = await startNetwork();
  cluster = await newController(network, "c1");
  token = await tokenFor(cluster, "controller");
}, 400_000);

afterAll(async () => {
  await network.destroy();
}, 300_000);

const placed = "This host has a place in the etcd cluster";
const phases = ["Joining a cluster", "Took over the cluster's certificate authority", placed];

/** Starts k0s and returns as soon as its log says `words` once more than before. */
async function runUntil(machine: TestMachine, words: string): ReturnType<typeof launch> {
  const count = async (): Promise<number> =>
    machine.hasLog("k0s") ? (await machine.readLog("k0s")).split(words).length : 1;
  const before = await count();
  const process = await launch(machine, { token });
  await machine.waitFor(words, async () => (await count()) > before, { intervalMs: 5 });
  return process;
}

async function roles(): Promise<Record<string, string>> {
  const { members } = JSON.parse(await cluster.machine.ok(["k0s", "etcd", "status", "-o", "json"])) as {
    members: { name: string; isLearner: boolean }[];
  };
  return Object.fromEntries(members.map(({ name, isLearner }) => [name, isLearner ? "learner" : "voter"]));
}

/** Removing asks for members that have been in touch for some seconds. */
async function leave(machine: TestMachine): Promise<void> {
  await cluster.machine.ok(["k0s", "etcd", "leave", "--peer-address", machine.address]);
}

scenario(
  "killed at each phase, then run to the end",
  async () => {
    const machine = await network.machine({ name: "c2" });
    for (const phase of phases) {
      const process = await runUntil(machine, phase);
      await process.kill("SIGKILL");
      await process.exited;
    }
    // With etcd's data on the disk.
    const process = await runUntil(machine, placed);
    await machine.waitFor(
      "etcd's database",
      async () => (await machine.exec(["test", "-e", "/var/lib/k0s/etcd/member/snap/db"])).code === 0,
      { intervalMs: 5 },
    );
    await process.kill("SIGKILL");
    await process.exited;
    const controller = { machine, process: await launch(machine, { token }) };
    await apiReady(controller);
    expect(await roles()).toEqual({ c1: "voter", c2: "voter" });
    await leave(machine);
    await machine.destroy();
  },
  600_000,
);

scenario(
  "ended in order while joining, it gives its place back",
  async () => {
    const machine = await network.machine({ name: "c3" });
    const process = await runUntil(machine, placed);
    await process.kill("SIGTERM");
    await process.exited;
    expect(await roles()).toEqual({ c1: "voter" });
    expect((await machine.exec(["test", "-e", "/var/lib/k0s/etcd/member"])).code).toBe(1);
    // Begun, not finished: without a token it must not become a cluster of its own.
    const alone = await machine.exec(["k0s", "controller"]);
    expect(alone).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("began to join a cluster and did not finish"),
    });
    await machine.destroy();
  },
  400_000,
);

scenario(
  "one that never comes back makes room for the next",
  async () => {
    const lost = await network.machine({ name: "c4" });
    const process = await runUntil(lost, placed);
    await process.kill("SIGKILL");
    await lost.destroy();
    await newController(network, "c5", { token });
    expect(await roles()).toEqual({ c1: "voter", c5: "voter" });
  },
  600_000,
);

scenario(
  "a host that lost its etcd data makes no second cluster, and joins again once its old member is gone",
  async () => {
    const c6 = await newController(network, "c6", { token });
    await stopController(c6);
    await c6.machine.ok(["rm", "-rf", "/var/lib/k0s/etcd/member"]);
    const alone = await c6.machine.exec(["k0s", "controller"]);
    expect(alone).toMatchObject({ code: 1, stderr: expect.stringContaining("its etcd data are gone") });
    const early = await c6.machine.exec(["k0s", "controller", "--token-file", "/root/token"]);
    expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining("is an etcd member already") });
    await leave(c6.machine);
    await restart(c6, { token });
    expect(await roles()).toEqual({ c1: "voter", c5: "voter", c6: "voter" });
  },
  600_000,
);

scenario(
  "a member that was removed says so",
  async () => {
    const c7 = await newController(network, "c7", { token });
    await stopController(c7);
    await leave(c7.machine);
    const result = await c7.machine.exec(["k0s", "controller"]);
    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("was removed from the etcd cluster"),
    });
  },
  600_000,
);
