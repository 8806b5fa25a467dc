// One node that several files of tests share, and short ways to talk to its cluster.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildDemoImages } from "../../../build/images/demo-images.ts";
import type { ExecResult } from "../../../src/sandbox/machine.ts";
import type { TestMachine, TestMachineOptions, TestNetwork } from "../../harness/test-machine.ts";

export interface SingleNode {
  readonly machine: TestMachine;
  /** Runs kubectl, which must succeed; returns what it printed. */
  readonly kubectl: (...args: readonly string[]) => Promise<string>;
  /** Runs kubectl to its end, however that is. */
  readonly tryKubectl: (...args: readonly string[]) => Promise<ExecResult>;
  readonly apply: (manifest: string) => Promise<string>;
  /** Applies a file beside this one. */
  readonly applyFixture: (name: string) => Promise<string>;
}

/** Runs `k0s controller --single` until its cluster is ready and has the images of the tests. */
export async function startSingleNode(
  network: TestNetwork,
  options: TestMachineOptions & {
    readonly prepare?: (machine: TestMachine) => Promise<unknown>;
    readonly command?: readonly string[];
    readonly dataDir?: string;
  } = {},
): Promise<SingleNode> {
  const {
    prepare,
    command = ["k0s", "controller", "--single"],
    dataDir = "/var/lib/k0s",
    ...machineOptions
  } = options;
  const machine = await network.machine({ name: "single", ...machineOptions });
  await prepare?.(machine);
  await machine.start("k0s", command);
  try {
    await machine.waitFor(
      "a ready cluster",
      async () => (await machine.readLog("k0s")).includes("The cluster is ready"),
      { timeoutMs: 240_000 },
    );
  } catch (err) {
    console.error(await machine.logs());
    throw err;
  }
  await machine.writeFile(`${dataDir}/images/.demo`, await readFile(await buildDemoImages()));
  await machine.ok(["mv", `${dataDir}/images/.demo`, `${dataDir}/images/demo.tar`]);
  return singleNodeOn(machine);
}

function singleNodeOn(machine: TestMachine): SingleNode {
  const apply = (manifest: string): Promise<string> =>
    machine.ok(["k0s", "kubectl", "apply", "--server-side", "-f", "-"], {
      input: manifest,
      timeoutMs: 60_000,
    });
  return {
    machine,
    kubectl: (...args) => machine.ok(["k0s", "kubectl", ...args], { timeoutMs: 240_000 }),
    tryKubectl: (...args) => machine.exec(["k0s", "kubectl", ...args], { timeoutMs: 240_000 }),
    apply,
    applyFixture: async (name) => apply(await readFile(join(import.meta.dir, "fixtures", name), "utf8")),
  };
}
