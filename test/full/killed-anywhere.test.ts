// The real k0s, killed at moments that nobody chose: first starts and resets, again and again on one host. The next one ends
// well by itself each time. test/integration/crash-windows does the same at every change of a file, without the programs.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { expectAsBefore, type MachineSnapshot, takeSnapshot } from "../harness/machine-snapshot.ts";
import { startCluster } from "../harness/single-node.ts";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";

let network: TestNetwork;
let machine: TestMachine;
let before: MachineSnapshot;

beforeAll(async () => {
  network = await startNetwork();
  machine = await network.machine({ name: "killed" });
  before = await takeSnapshot(machine);
}, 300_000);

afterAll(async () => {
  await network.destroy();
}, 300_000);

const command = ["k0s", "controller", "--enable-worker", "--disable-components=coredns,metrics-server"];

/** Printed, so that a failure can be repeated. */
function moment(longestMs: number): number {
  return Math.round(Math.random() * longestMs);
}

async function killAfter(argv: readonly string[], ms: number): Promise<void> {
  console.log(`${argv[1]} killed after ${ms} ms`);
  const k0s = await machine.start("killed", argv);
  await Bun.sleep(ms);
  await k0s.kill("SIGKILL");
  await k0s.exited;
}

for (let round = 1; round <= 4; round++) {
  test(`round ${round}: a first start and a reset, each killed four times`, async () => {
    for (let kill = 0; kill < 4; kill++) await killAfter(command, moment(12_000));
    await startCluster(machine, { command, log: `round-${round}` });
    expect(await machine.ok(["k0s", "kubectl", "get", "--raw", "/readyz"])).toBe("ok");
    await machine.ok(["k0s", "stop"]);
    for (let kill = 0; kill < 4; kill++) await killAfter(["k0s", "reset", "--yes"], moment(3_000));
    expect(await machine.ok(["k0s", "reset", "--yes"])).toContain("nothing of k0s is left");
    await expectAsBefore(machine, before);
  }, 900_000);
}
