// What sandboxes exist and how they are.

import { isRunning } from "../os/processes.ts";
import { networkStands } from "./sandbox.ts";
import { knownNames, readState, type SandboxState } from "./sandbox-state.ts";

interface MachineReport {
  readonly name: string;
  readonly address: string;
  readonly running: boolean;
}

export interface SandboxReport {
  readonly name: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** `stopped`: the machines stand, but k0s has ended. `broken`: the network or a machine is gone. */
  readonly state: "creating" | "running" | "stopped" | "broken";
  readonly machines: readonly MachineReport[];
  /** The machine that the cluster's k0s runs on. */
  readonly controller?: string;
}

export async function listSandboxes(): Promise<SandboxReport[]> {
  const states = await Promise.all((await knownNames()).map((name) => readState(name)));
  return Promise.all(states.filter((state) => state !== undefined).map(reportSandbox));
}

export async function reportSandbox(state: SandboxState): Promise<SandboxReport> {
  const machines = await Promise.all(
    state.machines.map(async ({ name, address, init }) => ({
      name,
      address,
      running: init !== undefined && (await isRunning(init)),
    })),
  );
  return {
    name: state.name,
    createdAt: state.createdAt,
    state: await verdict(state, machines),
    machines,
    ...(state.cluster === undefined ? {} : { controller: state.cluster.machine }),
  };
}

async function verdict(
  state: SandboxState,
  machines: readonly MachineReport[],
): Promise<SandboxReport["state"]> {
  if (!state.complete && (await isRunning(state.creator))) return "creating";
  if (!(await networkStands(state)) || machines.some((machine) => !machine.running)) return "broken";
  return state.cluster !== undefined && (await isRunning(state.cluster.k0s)) ? "running" : "stopped";
}
