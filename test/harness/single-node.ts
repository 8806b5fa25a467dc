// A single node: started, waited for, talked to, started again.

import type { ExecResult, MachineProcess } from "../../src/sandbox/machine.ts";
import { type ClusterSpec, writeClusterConfig } from "./cluster-config.ts";
import { importDemoImages } from "./demo-images.ts";
import { fixture } from "./fixture.ts";
import type { TestMachine, TestMachineOptions, TestNetwork } from "./test-machine.ts";

/** Short ways to talk to its cluster. */
export interface SingleNode {
  readonly machine: TestMachine;
  /** Runs kubectl, which must succeed; returns what it printed. */
  readonly kubectl: (...args: readonly string[]) => Promise<string>;
  /** Runs kubectl to its end, however that is. */
  readonly tryKubectl: (...args: readonly string[]) => Promise<ExecResult>;
  readonly apply: (manifest: string) => Promise<string>;
  readonly applyFixture: (name: string) => Promise<string>;
}

export interface SingleNodeOptions extends TestMachineOptions {
  /** Called before k0s starts. */
  readonly prepare?: (machine: TestMachine) => Promise<unknown>;
  readonly command?: readonly string[];
  /** Of /etc/k0s/k0s.yaml; default: there is no such file. */
  readonly spec?: ClusterSpec;
  readonly dataDir?: string;
}

/** Pods come and go by our will only, also where the disk that all machines share is rather full. */
const noEviction = "--kubelet-extra-args=--eviction-hard=nodefs.available<1%,imagefs.available<1%";

export const singleNodeCommand: readonly string[] = ["k0s", "controller", "--single", noEviction];

/** A node on a machine of its own, whose cluster is ready and has the images of the tests. */
export async function startSingleNode(
  network: TestNetwork,
  options: SingleNodeOptions = {},
): Promise<SingleNode> {
  const { prepare, command, spec, dataDir, ...machineOptions } = options;
  const machine = await network.machine({ name: "single", ...machineOptions });
  await prepare?.(machine);
  if (spec !== undefined) await writeClusterConfig(machine, spec);
  await startCluster(machine, command === undefined ? {} : { command });
  await importDemoImages(machine, dataDir);
  return singleNodeOn(machine);
}

export interface ClusterStart {
  readonly command?: readonly string[];
  /** Names the log. */
  readonly log?: string;
}

/** Starts k0s and waits until it says that its cluster is ready. */
export async function startCluster(
  machine: TestMachine,
  { command = singleNodeCommand, log = "k0s" }: ClusterStart = {},
): Promise<MachineProcess> {
  const before = await timesReady(machine, log);
  const k0s = await machine.start(log, command);
  try {
    await machine.waitFor(
      "a ready cluster",
      async () => {
        if (k0s.helper.exitCode !== null) throw new EndedError(`${command.join(" ")} ended`);
        return (await timesReady(machine, log)) > before;
      },
      { fatal: (err) => err instanceof EndedError },
    );
  } catch (err) {
    console.error(await machine.logs());
    throw err;
  }
  return k0s;
}

/** A k0s that has ended will not become ready any more. */
class EndedError extends Error {}

/** How often a k0s has said so in this log. */
async function timesReady(machine: TestMachine, log: string): Promise<number> {
  if (!machine.hasLog(log)) return 0;
  return (await machine.readLog(log)).split('msg="The cluster is ready"').length - 1;
}

export function singleNodeOn(machine: TestMachine): SingleNode {
  const tryKubectl: SingleNode["tryKubectl"] = (...args) => machine.exec(["k0s", "kubectl", ...args]);
  const apply: SingleNode["apply"] = (manifest) =>
    machine.ok(["k0s", "kubectl", "apply", "--server-side", "-f", "-"], { input: manifest });
  return {
    machine,
    kubectl: (...args) => machine.ok(["k0s", "kubectl", ...args]),
    tryKubectl,
    apply,
    applyFixture: async (name) => apply(await fixture(name)),
  };
}
