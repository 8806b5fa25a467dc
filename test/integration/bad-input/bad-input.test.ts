// Bad input, each kind with a clear error, exit code 1 and nothing changed: no file, no process, no user.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { continueAll, stopAll } from "../../harness/stopped-processes.ts";
import { startNetwork, type TestMachine, type TestNetwork } from "../../harness/test-machine.ts";
import { expectRefused } from "./bad-case.ts";
import { configCases } from "./config-cases.ts";
import { copyOf, damagedByte, flipBit, type Region, regionsOf } from "./damaged-file.ts";
import { hostCases, workerCases } from "./host-cases.ts";
import { changes, machineState } from "./machine-state.ts";

const built = join(import.meta.dir, "../../../dist/k0s");
const regions = await regionsOf(built);

let network: TestNetwork;
let machine: TestMachine;
let copies: string;

beforeAll(async () => {
  copies = await mkdtemp(join(tmpdir(), "k0s-damaged-"));
  await copyOf(built, copies, "k0s");
  network = await startNetwork();
  machine = await network.machine({
    name: "bad-input",
    small: [{ target: "/small", size: "64m" }],
    readOnly: ["/read-only"],
    binds: [{ source: copies, target: "/srv/copies", readOnly: false }],
  });
  // The runtime is unpacked once for whatever k0s does; it is no change that a refused start makes.
  await machine.ok(["k0s", "version"]);
}, 400_000);

afterAll(async () => {
  await network.destroy();
  await rm(copies, { recursive: true, force: true });
}, 300_000);

describe("command line and configuration", () => {
  for (const bad of configCases) test(bad.name, () => expectRefused(machine, bad));
});

describe("host", () => {
  for (const bad of hostCases) test(bad.name, () => expectRefused(machine, bad));
});

describe("joining", () => {
  for (const bad of workerCases) test(bad.name, () => expectRefused(machine, bad));
});

describe("one flipped bit in the k0s file", () => {
  for (const region of regions.filter(({ name }) => name !== "runtime"))
    test(region.name, () =>
      expectRefused(machine, {
        name: region.name,
        prepare: () => flipped(region),
        argv: ["/srv/copies/k0s", "controller", "--single"],
        says: [`The k0s file is damaged in part "${firstNameOf(region)}"`, "Get the k0s file again"],
      }),
    );

  test("runtime, which the launcher unpacks", async () => {
    const region = regions.find(({ name }) => name === "runtime");
    if (region === undefined) throw new Error("the file has no runtime");
    await expectRefused(machine, {
      name: region.name,
      prepare: async () => {
        await machine.ok(["mv", "/var/lib/k0s", "/var/kept"]);
        const turnBack = await flipped(region);
        return async () => {
          await turnBack();
          await machine.ok(["mv", "/var/kept", "/var/lib/k0s"]);
        };
      },
      argv: ["/srv/copies/k0s", "controller", "--single"],
      // What was made for the runtime is gone again; that much can be seen of it.
      touches: ["/var/lib"],
      says: ['the file is damaged in part "runtime"', "Get the k0s file again"],
    });
  });
});

test("a truncated k0s file says so, wherever it ends", async () => {
  const size = Bun.file(built).size;
  const middle = regions.find(({ name }) => name === "kubernetes")?.offset ?? 0;
  for (const length of [size - 1, middle + 1]) {
    await truncate(join(copies, "k0s"), length);
    await expectRefused(machine, {
      name: `${length} bytes`,
      argv: ["/srv/copies/k0s", "controller", "--single"],
      says: [`truncated, ${length} of ${size} bytes are there`, "Get the k0s file again"],
    });
  }
});

/** Parts that are in an image as well lie in the image's layer: the first name in the index is the one that is told. */
function firstNameOf(region: Region): string {
  const at = damagedByte(region);
  return regions.find(({ offset, size }) => offset <= at && at < offset + size)?.name ?? region.name;
}

async function flipped(region: Region): Promise<() => Promise<void>> {
  const turn = (): Promise<void> => flipBit(join(copies, "k0s"), region);
  await turn();
  return turn;
}

const keptLog = "/var/lib/k0s/log/k0s.log";

test("a second controller on the same data directory is refused, and all that changes is what its log says of it", async () => {
  const controller = await machine.start("first", ["k0s", "controller"]);
  await machine.waitFor("the first controller", async () =>
    (await machine.readLog("first")).includes("The cluster is ready"),
  );
  // Everything stands still, so that whatever changes is the work of the second one.
  const all = "-f '^k0s controller|^/var/lib/k0s/'";
  try {
    await stopAll(machine, all);
    const before = await machineState(machine);
    const logBefore = await machine.ok(["cat", keptLog]);
    for (const argv of [
      ["k0s", "controller"],
      ["k0s", "controller", "--single", "--data-dir", "/srv/other"],
    ]) {
      const second = await machine.exec(argv);
      expect(second.code).toBe(1);
      expect(second.stderr).toContain("Error: another k0s process is still running");
      expect(second.stderr).toContain("k0s status");
    }
    const changed = changes(before, await machineState(machine));
    expect(changed.filter((line) => !line.includes(` ${keptLog} `))).toEqual([]);
    const log = await machine.ok(["cat", keptLog]);
    expect(log).toStartWith(logBefore);
    expect(log.slice(logBefore.length)).toMatch(
      /^(time="[^"]+" level=warning msg="Pre-flight check warns" [^\n]*\n)*time="[^"]+" level=error msg="The node has ended with an error" err="Error: another k0s process is still running[^\n]*\n$/,
    );
  } finally {
    await continueAll(machine, all);
  }
  // Its prober has found the frozen parts not well, and looks again soon.
  await machine.waitFor("good health", async () => (await machine.exec(["k0s", "status"])).code === 0);
  await controller.kill("SIGTERM");
  expect(await controller.exited).toBe(0);
});
