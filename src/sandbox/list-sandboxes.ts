// What sandboxes exist and how they are.

import { isRunning } from "../os/processes.ts";
import { networkStands } from "./sandbox.ts";
import { type SandboxDirs, sandboxDirs } from "./sandbox-dirs.ts";
import { knownNames, lookAtState, type SandboxState } from "./sandbox-state.ts";
import type { UserError } from "../std/errors.ts";

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

export interface SandboxList {
  readonly reports: readonly SandboxReport[];
  /** Of sandboxes that are there, but nobody can tell how they are: it hides none of the others. */
  readonly unusable: readonly UserError[];
}

export async function listSandboxes(dirs: SandboxDirs = sandboxDirs): Promise<SandboxList> {
  const names = await knownNames(dirs);
  const looks = await Promise.all(names.map((name) => lookAtState(name, dirs)));
  const states = looks.flatMap((look) => (look.kind === "state" ? [look.state] : []));
  return {
    reports: await Promise.all(states.map(reportSandbox)),
    unusable: looks.flatMap((look) => (look.kind === "unusable" ? [look.error] : [])),
  };
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
