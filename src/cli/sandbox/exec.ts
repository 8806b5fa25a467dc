// `k0s sandbox exec` and `k0s sandbox kubeconfig`.

import { Machine } from "../../sandbox/machine.ts";
import type { SandboxState } from "../../sandbox/sandbox-state.ts";
import { requireState } from "../../sandbox/sandbox.ts";
import { UserError } from "../../std/errors.ts";
import type { CliIo } from "../core/io.ts";
import { requireRoot } from "../core/require-root.ts";
import { pickSandbox } from "./pick.ts";

const passedOn = ["TERM", "COLUMNS", "LINES"] as const;

export async function sandboxExec(args: readonly string[], io: CliIo): Promise<number> {
  requireRoot(io);
  const [target = "", ...rest] = args;
  const argv = rest[0] === "--" ? rest.slice(1) : rest;
  if (target === "" || target.startsWith("-") || argv.length === 0) {
    throw new UserError("tell which machine and what to run", {
      hint: "k0s sandbox exec NAME -- COMMAND [ARGUMENT...]",
    });
  }
  const [name = "", machineName] = target.split("/");
  const machine = await machineOf(await requireState(name), machineName);
  const env = Object.fromEntries(passedOn.flatMap((key) => entry(key, io.env[key])));
  const child = machine.spawn(argv, { stdin: "inherit", stdout: "inherit", stderr: "inherit", env });
  // On a terminal the keys reach the program by themselves; others must be told.
  const forward = (): void => void child.kill("SIGTERM");
  io.signal.addEventListener("abort", forward, { once: true });
  return child.exited;
}

export async function sandboxKubeconfig(name: string | undefined, io: CliIo): Promise<number> {
  requireRoot(io);
  const state = await pickSandbox(name);
  const machine = await machineOf(state, state.cluster?.machine);
  const result = await machine.exec(["k0s", "kubeconfig", "admin"], { signal: io.signal });
  io.out(result.stdout);
  io.err(result.stderr);
  if (result.code === 0 && state.uplink === undefined) {
    io.err(
      `The address in it exists only in the sandbox. From here: k0s sandbox exec ${state.name} -- k0s kubectl …\n`,
    );
  }
  return result.code;
}

async function machineOf(state: SandboxState, machineName: string | undefined): Promise<Machine> {
  const wanted = machineName ?? state.cluster?.machine ?? state.machines[0]?.name;
  const record = state.machines.find((one) => one.name === wanted);
  if (record === undefined) {
    throw new UserError(`sandbox ${state.name} has no machine ${wanted ?? ""}`, {
      hint: `It has ${state.machines.map((one) => one.name).join(", ") || "none"}.`,
    });
  }
  const machine = new Machine(state.name, record);
  if (await machine.running()) return machine;
  throw new UserError(`machine ${record.name} of sandbox ${state.name} does not run`, {
    hint: `Remove the sandbox and make it again: k0s sandbox delete ${state.name}`,
    code: "machine-stopped",
  });
}

function entry(key: string, value: string | undefined): [string, string][] {
  return value === undefined ? [] : [[key, value]];
}
