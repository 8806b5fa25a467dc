// A sandbox: a bridge without uplink and the machines on it. Everything of it is found again by its name.

import { join } from "node:path";
import { hostAddresses } from "../os/addresses.ts";
import { isRunning, processInfo } from "../os/processes.ts";
import { UserError } from "../std/errors.ts";
import { openLibc } from "./libc.ts";
import { Machine } from "./machine.ts";
import {
  bootAnchor,
  isolatedPrefix,
  bootMachine,
  type LifeLine,
  type MachineSpec,
  newMachineRecord,
  openLifeLine,
} from "./machine-boot.ts";
import { requireOwnDirectories } from "./own-places.ts";
import { endMachine, removeSandbox, removeStaleSandboxes } from "./remove-sandbox.ts";
import { withSandboxLock } from "./sandbox-lock.ts";
import { freePrefix, openUplink, planUplink } from "./uplink.ts";
import { sandboxDirs } from "./sandbox-dirs.ts";
import { checkName } from "./sandbox-name.ts";
import {
  knownNames,
  lookAtState,
  readState,
  takenPrefixes,
  type SandboxState,
  writeState,
} from "./sandbox-state.ts";

export interface OpenOptions {
  readonly name: string;
  /** It ends with the process that made it, however that ends. */
  readonly ephemeral?: boolean;
  /** A way out through the host's network. */
  readonly uplink?: boolean;
  readonly signal?: AbortSignal;
}

/** A sandbox while its process makes it. */
export interface Sandbox extends AsyncDisposable {
  readonly name: string;
  createMachine(spec: MachineSpec, signal?: AbortSignal): Promise<Machine>;
  /** Ends a machine as a power cut does; its disk stays. */
  stopMachine(machine: Machine): Promise<void>;
  /** Boots a stopped machine again on the same disk and with the same address. */
  startMachine(machine: Machine, spec: MachineSpec): Promise<Machine>;
  destroyMachine(machine: Machine): Promise<void>;
  /** Everything asked for exists: from now on it outlives this process unless it is ephemeral. */
  complete(cluster?: SandboxState["cluster"]): Promise<void>;
  destroy(): Promise<void>;
}

/** Makes a sandbox without machines. What others have left is removed first. */
export async function openSandbox(options: OpenOptions): Promise<Sandbox> {
  const { name, ephemeral = false, uplink = false, signal } = options;
  requireRoot();
  checkName(name, "sandbox");
  await removeStaleSandboxes(signal);
  const lifeLine = openLifeLine(openLibc());
  try {
    await withSandboxLock(name, () => begin(name, { ephemeral, uplink }, lifeLine), signal);
  } catch (err) {
    lifeLine.close();
    throw err;
  }
  return sandboxHandle(name, lifeLine);
}

export async function requireState(name: string): Promise<SandboxState> {
  const state = await readState(name);
  if (state !== undefined) return state;
  throw new UserError(`there is no sandbox ${name}`, {
    hint: "k0s sandbox list shows those that exist.",
    code: "no-sandbox",
  });
}

async function begin(
  name: string,
  { ephemeral, uplink }: { ephemeral: boolean; uplink: boolean },
  lifeLine: LifeLine,
): Promise<void> {
  if ((await readState(name)) !== undefined) {
    throw new UserError(`sandbox ${name} exists already`, {
      hint: `Remove it: k0s sandbox delete ${name}`,
      code: "sandbox-exists",
    });
  }
  await requireOwnDirectories(sandboxDirs.diskDir, join(sandboxDirs.diskDir, name));
  const self = await processInfo(process.pid);
  if (self === undefined) throw new Error("/proc does not know this process");
  const network = uplink ? await uplinkNetwork() : { prefix: isolatedPrefix };
  const state: SandboxState = {
    version: 1,
    name,
    createdAt: new Date().toISOString(),
    creator: { pid: self.pid, startTime: self.startTime },
    ephemeral,
    complete: false,
    ...network,
    machines: [],
  };
  // Written before anything exists, so that a kill at any point leaves something to find.
  await writeState(state);
  await writeState({ ...state, anchor: await bootAnchor(name, state, lifeLine.readEnd) });
  if (state.uplink !== undefined) await openUplink(name, state.prefix, state.uplink);
}

/** Two sandboxes that reach the host must not have the same addresses. */
async function uplinkNetwork(): Promise<Pick<SandboxState, "prefix" | "uplink">> {
  const looks = await Promise.all((await knownNames()).map((name) => lookAtState(name)));
  const prefix = freePrefix(
    hostAddresses().map(({ address }) => address),
    takenPrefixes(looks),
  );
  return { prefix, uplink: await planUplink(prefix.split(".")[2] ?? "") };
}

function sandboxHandle(name: string, lifeLine: LifeLine): Sandbox {
  const change = <T>(
    work: (state: SandboxState) => Promise<[SandboxState, T]>,
    signal?: AbortSignal,
  ): Promise<T> =>
    withSandboxLock(
      name,
      async () => {
        const [state, result] = await work(await requireState(name));
        await writeState(state);
        return result;
      },
      signal,
    );

  const boot = async (
    state: SandboxState,
    machineName: string,
    spec: MachineSpec,
  ): Promise<[SandboxState, Machine]> => {
    const record = state.machines.find((one) => one.name === machineName);
    if (record === undefined || state.anchor === undefined)
      throw new Error(`machine ${machineName} has no record`);
    const init = await bootMachine({
      sandbox: name,
      record,
      spec,
      network: state,
      anchor: state.anchor,
      lifeLine: lifeLine.readEnd,
    });
    const running = { ...record, init };
    return [withMachine(state, running), new Machine(name, running)];
  };

  let destroyed: Promise<void> | undefined;
  const destroy = (): Promise<void> => {
    destroyed ??= removeSandbox(name).finally(() => lifeLine.close());
    return destroyed;
  };

  return {
    name,
    createMachine: async (spec, signal) => {
      checkName(spec.name, "machine");
      await change(async (state) => [withMachine(state, nextRecord(state, spec.name)), undefined], signal);
      // Not under the lock: machines are made side by side, each knows its own record only.
      const [, machine] = await boot(await requireState(name), spec.name, spec);
      await change(async (state) => [withMachine(state, machine.record), undefined], signal);
      return machine;
    },
    stopMachine: async (machine) => {
      await endMachine(machine.record, { keepDisk: true });
      const { init: _, ...stopped } = machine.record;
      await change(async (state) => [withMachine(state, stopped), undefined]);
    },
    startMachine: (machine, spec) => change((state) => boot(state, machine.name, spec)),
    destroyMachine: async (machine) => {
      await endMachine(machine.record, { keepDisk: false });
      await change(async (state) => [
        { ...state, machines: state.machines.filter((one) => one.name !== machine.name) },
        undefined,
      ]);
    },
    complete: (cluster) =>
      change(async (state) => {
        if (!state.ephemeral) lifeLine.release();
        return [{ ...state, complete: true, cluster }, undefined];
      }),
    destroy,
    [Symbol.asyncDispose]: destroy,
  };
}

function nextRecord(state: SandboxState, name: string): SandboxState["machines"][number] {
  if (state.machines.some((one) => one.name === name)) {
    throw new UserError(`sandbox ${state.name} has a machine ${name} already`, { code: "machine-exists" });
  }
  const used = new Set(state.machines.map((one) => one.number));
  let number = 2;
  while (used.has(number)) number += 1;
  if (number > 254) throw new UserError(`sandbox ${state.name} has no address left`);
  return newMachineRecord({
    sandbox: state.name,
    name,
    number,
    prefix: state.prefix,
    sandboxDir: join(sandboxDirs.diskDir, state.name),
  });
}

function withMachine(state: SandboxState, record: SandboxState["machines"][number]): SandboxState {
  const others = state.machines.filter((one) => one.name !== record.name);
  return { ...state, machines: [...others, record].toSorted((one, two) => one.number - two.number) };
}

/** Whether the sandbox still has the process that its network depends on. */
export async function networkStands(state: SandboxState): Promise<boolean> {
  return state.anchor !== undefined && (await isRunning(state.anchor));
}

function requireRoot(): void {
  if (process.geteuid?.() === 0) return;
  throw new UserError("a sandbox needs root", { hint: "Run the same command with sudo.", code: "not-root" });
}
