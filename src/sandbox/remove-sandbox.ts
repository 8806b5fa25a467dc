// Ends and removes sandboxes and single machines, also those that a killed process left half made.
// Mounts and links go by themselves: with their namespaces, and those with the machine's first process.
// What belongs to a sandbox is known by what only root can make: control groups of its name, directories and a state that
// are root's. What a process says of itself, such as its environment, proves nothing.

import { join } from "node:path";
import { isRunning, processInfo, signalProcess } from "../os/processes.ts";
import { removeEmptyDirectory, removeTree } from "../os/removal.ts";
import { pollUntil } from "../std/wait.ts";
import {
  groupMembers,
  type Hierarchy,
  hostHierarchies,
  leaveGroups,
  listGroups,
  removeGroups,
  sandboxOfGroup,
} from "./cgroups.ts";
import { requireOwnDirectories } from "./own-places.ts";
import { sandboxDirs } from "./sandbox-dirs.ts";
import { checkName } from "./sandbox-name.ts";
import { closeUplink, removeUplinkTable } from "./uplink.ts";
import { withSandboxLock, withSandboxLockIfFree } from "./sandbox-lock.ts";
import { knownNames, lookAtState, type MachineRecord, type StateLook } from "./sandbox-state.ts";

/** Removes everything that carries the name; does nothing if there is nothing. */
export async function removeSandbox(name: string, signal?: AbortSignal): Promise<void> {
  await withSandboxLock(name, () => removeLocked(name, signal), signal);
}

async function removeLocked(name: string, signal: AbortSignal | undefined): Promise<void> {
  checkName(name, "sandbox");
  const { runDir, diskDir } = sandboxDirs;
  await requireOwnDirectories(runDir, join(runDir, name));
  await requireOwnDirectories(diskDir, join(diskDir, name));
  const look = await lookAtState(name);
  await endWayOut(name, look);
  // It must not be this process: the one that held the network may have become the one that clears up.
  const anchor = look.kind === "state" ? look.state.anchor : undefined;
  if (anchor !== undefined && anchor.pid !== process.pid) await signalProcess(anchor, "SIGKILL");
  await endGroups(name, signal);
  await removeTree(join(runDir, name));
  // A process that came into a group in the meantime has seen a state and goes on; one that comes now sees none and ends.
  await endGroups(name, signal);
  await removeTree(join(diskDir, name));
  await removeEmptyDirectory(diskDir);
}

/** Without a usable state nobody knows what forwarding was before: it stays. */
async function endWayOut(name: string, look: StateLook): Promise<void> {
  if (look.kind !== "state") return removeUplinkTable(name);
  const { uplink } = look.state;
  if (uplink !== undefined) await closeUplink(name, uplink, { others: await othersHaveUplink(name) });
}

async function othersHaveUplink(name: string): Promise<boolean> {
  const others = (await knownNames()).filter((other) => other !== name);
  const looks = await Promise.all(others.map((other) => lookAtState(other)));
  return looks.some((look) => look.kind === "unusable" || (look.kind === "state" && look.state.uplink));
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
    // The one that has the lock is making it, or removing it: nobody else has to wait for that.
    await withSandboxLockIfFree(name, async () => {
      // Looked at again: without the lock it may have been one that was just being made.
      if (!(await isStale(await lookAtState(name)))) return;
      await removeLocked(name, signal);
      removed.push(name);
    });
  }
  return removed;
}

/** Sandboxes of which something is left but which cannot be used any more. */
export async function staleNames(): Promise<string[]> {
  const grouped = listGroups(hostHierarchies()).flatMap((group) => sandboxOfGroup(group) ?? []);
  const names = [...new Set([...(await knownNames()), ...grouped])];
  const verdicts = await Promise.all(
    names.map(async (name) => ({ name, stale: await isStale(await lookAtState(name)) })),
  );
  return verdicts.filter((one) => one.stale).map((one) => one.name);
}

/** What cannot be read may be the state of another version of k0s: only a command that names the sandbox removes it. */
async function isStale(look: StateLook): Promise<boolean> {
  if (look.kind !== "state") return look.kind === "none";
  const { state } = look;
  const creatorLives = await isRunning(state.creator);
  if (state.ephemeral || !state.complete) return !creatorLives;
  return state.anchor === undefined || !(await isRunning(state.anchor));
}

async function endGroups(name: string, signal: AbortSignal | undefined): Promise<void> {
  const hierarchies = hostHierarchies();
  const groups = listGroups(hierarchies).filter((group) => sandboxOfGroup(group) === name);
  // This process may have held the network until now. It stays a member until it has the lock, so that others can end it.
  if (groups.some((group) => groupMembers(hierarchies, group).includes(process.pid)))
    leaveGroups(hierarchies);
  for (const group of groups) await endGroup(hierarchies, group, signal);
}

/** Kills what is in the groups and removes them; the kernel needs a moment to release killed processes. */
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

/** Never ourselves, nor a process that got the number of a member that has just gone. */
async function killMember(hierarchies: readonly Hierarchy[], group: string, pid: number): Promise<void> {
  const member = pid === process.pid ? undefined : await processInfo(pid);
  if (member === undefined || !groupMembers(hierarchies, group).includes(pid)) return;
  await signalProcess(member, "SIGKILL");
}
