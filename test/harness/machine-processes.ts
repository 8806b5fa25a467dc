// The processes of a machine as its own /proc shows them, and which of them are a node's components.

import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { workerFactsOf } from "../../src/components/worker-facts.ts";
import { configDefaultsFor } from "../../src/config/cluster-config.ts";
import { controllerRole } from "../../src/roles/controller.ts";
import { workerRole } from "../../src/roles/worker.ts";
import { errno, isNotFound } from "../../src/std/errors.ts";
import { type Choice, type Declaration, runs } from "../../src/supervisor/declaration.ts";
import type { TestMachine } from "./test-machine.ts";

export interface MachineProcessInfo {
  /** As the machine counts. */
  readonly pid: number;
  /** Clock ticks since boot: with the pid it names a process for good. */
  readonly startTime: number;
  /** The file it runs; empty for a process without one. */
  readonly executable: string;
  readonly arguments: readonly string[];
  readonly state: string;
}

/** Components of a single node with the defaults that are processes. */
export const singleNodeComponents: readonly string[] = singleNodeProcesses();

function singleNodeProcesses(): readonly string[] {
  const config = configDefaultsFor({
    single: true,
    dataDir: "/var/lib/k0s",
    publicAddress: "192.0.2.1",
  });
  const given = {
    single: true,
    disabledComponents: new Set<string>(),
    kubeControllerManagerExtraArgs: {},
    kubeletExtraArgs: {},
    criSocket: undefined,
    profile: "default",
  };
  return [
    ...processesOf(controllerRole, { ...given, config }),
    ...processesOf(workerRole, workerFactsOf(config, given)),
  ];
}

/**
 * Those that have programs of their own: the name of its process is the component's. What unpacks its own runs them only when
 * there is something to do.
 */
function processesOf<Facts extends Choice>(
  role: readonly Declaration<Facts>[],
  facts: Facts,
): readonly string[] {
  return role
    .filter((one) => runs(one, facts) && one.programs !== undefined && one.unpacksItself !== true)
    .map(({ name }) => name);
}

/** Everything that runs, zombies left out. */
export async function machineProcesses(machine: TestMachine): Promise<MachineProcessInfo[]> {
  const proc = machine.hostPath("/proc");
  const pids = (await readdir(proc)).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => readProcess(join(proc, pid), Number(pid))));
  return found.filter((one) => one !== undefined);
}

/** Those that run a program of k0s' under one of the names, by name. Several names share one program: argv[0] decides. */
export async function componentProcesses(
  machine: TestMachine,
  names: readonly string[] = singleNodeComponents,
): Promise<Map<string, MachineProcessInfo[]>> {
  const ours = (await machineProcesses(machine)).filter(({ executable }) =>
    executable.startsWith("/var/lib/k0s/bin/"),
  );
  return new Map(
    names.map((name) => [name, ours.filter((one) => one.arguments[0]?.split("/").at(-1) === name)]),
  );
}

async function readProcess(dir: string, pid: number): Promise<MachineProcessInfo | undefined> {
  try {
    const [stat, cmdline, executable] = await Promise.all([
      readFile(join(dir, "stat"), "latin1"),
      readFile(join(dir, "cmdline"), "utf8"),
      // A thread of the kernel has none.
      readlink(join(dir, "exe")).catch((err: unknown) => (isNotFound(err) ? "" : Promise.reject(err))),
    ]);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const state = fields[0] ?? "";
    if (state === "Z" || state === "X") return undefined;
    const args = cmdline.split("\0").slice(0, -1);
    return { pid, startTime: Number(fields[19]), executable, arguments: args, state };
  } catch (err) {
    // It ended while we looked.
    if (isNotFound(err) || errno(err) === "ESRCH") return undefined;
    throw err;
  }
}
