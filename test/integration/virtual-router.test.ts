// VRRP between three machines, without a cluster: one holder, which another one follows when it dies, freezes, is cut
// off or resigns; the address answers on the link all the while.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { dirname, join } from "node:path";
import type { MachineProcess } from "../../src/sandbox/machine.ts";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";

const repository = join(import.meta.dir, "../..");
const address = "10.200.0.99";

interface Router {
  readonly machine: TestMachine;
  process: MachineProcess;
}

let network: TestNetwork;
let routers: Router[];
let visitor: TestMachine;

beforeAll(async () => {
  network = await startNetwork();
  const binds = [
    { source: repository, target: "/opt/k0s", readOnly: true },
    { source: dirname(process.execPath), target: "/opt/bun", readOnly: true },
  ];
  const machines = await Promise.all(
    [1, 2, 3].map((number) => network.machine({ name: `r${number}`, binds, k0s: false })),
  );
  routers = await Promise.all(
    machines.map(async (machine) => ({ machine, process: await launch(machine, "s3cret") })),
  );
  visitor = await network.machine({ name: "visitor", k0s: false });
  await holder();
}, 400_000);

afterAll(async () => {
  await network.destroy();
}, 300_000);

function launch(machine: TestMachine, password: string): Promise<MachineProcess> {
  const settings = {
    interface: "eth0",
    address: machine.address,
    virtualRouterId: 51,
    priority: 200,
    intervalSeconds: 1,
    password,
    virtualIps: [`${address}/24`],
    unicastPeers: [],
  };
  const main = "/opt/k0s/test/harness/virtual-router-main.ts";
  return machine.start("vrrp", ["/opt/bun/bun", main, JSON.stringify(settings)]);
}

async function relaunch(router: Router, password: string): Promise<void> {
  await router.process.kill("SIGTERM");
  await router.process.exited;
  router.process = await launch(router.machine, password);
}

async function holds({ machine }: Router): Promise<boolean> {
  return (await machine.ok(["ip", "-o", "address", "show", "dev", "eth0"])).includes(`${address}/24`);
}

/** The only router of `among` that has the address, if there is one. */
async function onlyHolder(among: readonly Router[]): Promise<Router | undefined> {
  const holding = await Promise.all(among.map(holds));
  const found = among.filter((_, index) => holding[index] === true);
  return found.length === 1 ? found[0] : undefined;
}

/** Waits until it is settled who that is: two that begin at once hear of each other with the next advertisement, a second later. */
function holder(among: readonly Router[] = routers): Promise<Router> {
  return visitor.waitFor("one holder", async () => {
    const first = await onlyHolder(among);
    if (first === undefined) return undefined;
    await Bun.sleep(3_000);
    return (await onlyHolder(among)) === first ? first : undefined;
  });
}

function others(one: Router): Router[] {
  return routers.filter((router) => router !== one);
}

/** Who answers for the address, by what the link believes. */
async function answering(): Promise<string> {
  await visitor.ok(["ping", "-c1", "-W2", address]);
  return /lladdr (\S+)/.exec(await visitor.ok(["ip", "neigh", "show", address]))?.[1] ?? "";
}

/** What the link believes may be old for a moment. */
async function answers(router: Router): Promise<void> {
  const expected = await hardwareAddress(router);
  await visitor.waitFor(`an answer of ${router.machine.name}`, async () => (await answering()) === expected);
}

async function hardwareAddress({ machine }: Router): Promise<string> {
  return (await machine.readFile("/sys/class/net/eth0/address")).trim();
}

/** Again when one of them stood still meanwhile: it hears and says nothing then, so that another one rightly takes over. */
async function unlessStarved(holderStays: () => Promise<boolean>): Promise<void> {
  for (let left = 4; ; left--) {
    const before = await standstills();
    if (await holderStays()) return;
    if ((await standstills()) === before) throw new Error("another one took over, and nobody stood still");
    if (left === 0) throw new Error("this host is too busy: each time one of them stood still");
  }
}

async function standstills(): Promise<number> {
  const logs = await Promise.all(routers.map(({ machine }) => machine.readLog("vrrp")));
  return logs.join("").split("This process stood still").length - 1;
}

test("one router holds the address, and the link knows which", async () => {
  const first = await holder();
  await answers(first);
});

test("a killed holder is followed by another one; its own address goes by itself", async () => {
  await unlessStarved(async () => {
    const first = await holder();
    await first.process.kill("SIGKILL");
    const second = await holder(others(first));
    await answers(second);
    await visitor.waitFor("the left-over to go", async () => !(await holds(first)));
    first.process = await launch(first.machine, "s3cret");
    await Bun.sleep(5_000);
    return (await holder()) === second;
  });
}, 400_000);

test("a holder that is cut off is followed; when it is back there is one again", async () => {
  const first = await holder();
  await first.machine.ok(["nft", "-f", "-"], {
    input: `table ip cut {
      chain in { type filter hook input priority 0; ip protocol 112 drop; }
      chain out { type filter hook output priority 0; ip protocol 112 drop; }
    }`,
  });
  await holder(others(first));
  await first.machine.ok(["nft", "delete", "table", "ip", "cut"]);
  await answers(await holder());
}, 400_000);

test("a holder that stops resigns, and leaves nothing behind", async () => {
  const first = await holder();
  await first.process.kill("SIGTERM");
  expect(await first.process.exited).toBe(0);
  expect(await holds(first)).toBe(false);
  await holder(others(first));
  first.process = await launch(first.machine, "s3cret");
}, 400_000);

test("a router with another password has no say", async () => {
  await unlessStarved(async () => {
    const first = await holder();
    const [stranger] = others(first);
    if (stranger === undefined) throw new Error("there are three routers");
    const { length } = await stranger.machine.readLog("vrrp");
    await relaunch(stranger, "other");
    await stranger.machine.waitFor("the warning", async () =>
      (await stranger.machine.readLog("vrrp"))
        .slice(length)
        .includes("same virtual router id with another password"),
    );
    const stays = await holds(first);
    await relaunch(stranger, "s3cret");
    return stays;
  });
}, 400_000);
