// Ends and removes sandboxes and single machines, also those that a killed process left half made.
// Mounts and links need no hand: they go with their namespaces, and those with the machine's first process.

import { join } from "node:path";
import {
  isRunning,
  listProcesses,
  processEnvironment,
  type ProcessId,
  processInfo,
  signalProcess,
} from "../os/processes.ts";
import { removeEmptyDirectory, removeTree } from "../os/removal.ts";
import { pollUntil } from "../std/wait.ts";
import {
  groupMembers,
  groupName,
  type Hierarchy,
  hostHierarchies,
  listGroups,
  removeGroups,
} from "./cgroups.ts";
import { markerVariable } from "./machine-spec.ts";
import { closeUplink } from "./uplink.ts";
import { withSandboxLock } from "./sandbox-lock.ts";
import {
  knownNames,
  type MachineRecord,
  readState,
  sandboxDirs,
  type SandboxState,
} from "./sandbox-state.ts";

/** Removes everything that carries the name; does nothing if there is nothing. */
export async function removeSandbox(name: string, signal?: AbortSignal): Promise<void> {
  await withSandboxLock(name, () => removeLocked(name, signal), signal);
}

async function removeLocked(name: string, signal: AbortSignal | undefined): Promise<void> {
  const hierarchies = hostHierarchies();
  const uplink = (await readState(name))?.uplink;
  if (uplink !== undefined) await closeUplink(name, uplink, { others: await othersHaveUplink(name) });
  await killMarked(name);
  for (const group of listGroups(hierarchies).filter((one) => one.startsWith(groupName(name, "")))) {
    await endGroup(hierarchies, group, signal);
  }
  await removeTree(join(sandboxDirs.diskDir, name));
  await removeTree(join(sandboxDirs.runDir, name));
  await removeEmptyDirectory(sandboxDirs.diskDir);
}

async function othersHaveUplink(name: string): Promise<boolean> {
  const others = (await knownNames()).filter((other) => other !== name);
  const states = await Promise.all(others.map((other) => readState(other)));
  return states.some((state) => state?.uplink !== undefined);
}

/** Ends one machine; its disk stays unless told otherwise. */
export async function endMachine(
  machine: MachineRecord,
  options: { keepDisk: boolean; signal?: AbortSignal },
): Promise<void> {
  if (machine.init !== undefined) await signalProcess(machine.init, "SIGKILL");
  await endGroup(hostHierarchies(), machine.group, options.signal);
  if (!options.keepDisk) await removeTree(machine.diskDir);
}

/** Removes every sandbox whose processes are gone or that nobody will ever complete; returns their names. */
export async function removeStaleSandboxes(signal?: AbortSignal): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await staleNames()) {
    await withSandboxLock(
      name,
      async () => {
        // Looked at again: without the lock it may have been one that was just being made.
        if (!(await isStale(await readState(name)))) return;
        await removeLocked(name, signal);
        removed.push(name);
      },
      signal,
    );
  }
  return removed;
}

/** Sandboxes of which something is left but which cannot be used any more. */
export async function staleNames(): Promise<string[]> {
  const marked = (await markedProcesses()).map((one) => one.sandbox);
  const grouped = listGroups(hostHierarchies()).map((group) => group.split(".")[1] ?? "");
  const names = [...new Set([...(await knownNames()), ...marked, ...grouped])].filter((name) => name !== "");
  const verdicts = await Promise.all(
    names.map(async (name) => ({ name, stale: await isStale(await readState(name)) })),
  );
  return verdicts.filter((one) => one.stale).map((one) => one.name);
}

async function isStale(state: SandboxState | undefined): Promise<boolean> {
  if (state === undefined) return true;
  const creatorLives = await isRunning(state.creator);
  if (state.ephemeral || !state.complete) return !creatorLives;
  return state.anchor === undefined || !(await isRunning(state.anchor));
}

async function killMarked(name: string): Promise<void> {
  const marked = (await markedProcesses()).filter((one) => one.sandbox === name && one.pid !== process.pid);
  for (const one of marked) await signalProcess(one, "SIGKILL");
}

/** Processes that carry the mark of a sandbox in their environment and live in this PID namespace. */
async function markedProcesses(): Promise<(ProcessId & { sandbox: string })[]> {
  const all = await listProcesses();
  const found = await Promise.all(
    all.map(async ({ pid, startTime }) => {
      const sandbox = (await processEnvironment(pid)).get(markerVariable);
      return sandbox === undefined ? [] : [{ pid, startTime, sandbox }];
    }),
  );
  return found.flat();
}

/** Kills what is in the groups and removes them; the kernel needs a moment to let go of the dead. */
async function endGroup(
  hierarchies: readonly Hierarchy[],
  group: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await pollUntil(
    async () => {
      for (const pid of groupMembers(hierarchies, group)) await killMember(hierarchies, group, pid);
      return removeGroups(hierarchies, group);
    },
    {
      what: `the processes of ${group} to end`,
      intervalMs: 10,
      timeoutMs: 20_000,
      ...(signal === undefined ? {} : { signal }),
    },
  );
}

/** Never ourselves, nor whoever got the number of a member that has just gone. */
async function killMember(hierarchies: readonly Hierarchy[], group: string, pid: number): Promise<void> {
  const member = pid === process.pid ? undefined : await processInfo(pid);
  if (member === undefined || !groupMembers(hierarchies, group).includes(pid)) return;
  await signalProcess(member, "SIGKILL");
}
