// What is known about a sandbox between commands: /run/k0s-sandbox/NAME/state.json, written whole and under a lock.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ensureDir, writeFileAtomic } from "../os/files.ts";
import { errno, isNotFound, UserError } from "../std/errors.ts";

const ProcessRecord = z.object({ pid: z.int().positive(), startTime: z.number() });

const MachineRecord = z.object({
  name: z.string(),
  /** Last part of its address: 2 and up. */
  number: z.int(),
  address: z.string(),
  group: z.string(),
  diskDir: z.string(),
  machineId: z.string(),
  /** Absent while the machine is being made or is stopped. */
  init: ProcessRecord.optional(),
});
export type MachineRecord = z.infer<typeof MachineRecord>;

const SandboxState = z.object({
  version: z.literal(1),
  name: z.string(),
  createdAt: z.string(),
  /** The process that made it; of an ephemeral sandbox also the one that it dies with. */
  creator: ProcessRecord,
  ephemeral: z.boolean(),
  /** False until everything that was asked for stands. */
  complete: z.boolean(),
  /** First three parts of every address. */
  prefix: z.string(),
  /** The way out, if there is one: our link on the host, and what its forwarding was set to before. */
  uplink: z.object({ link: z.string(), forwarding: z.string(), nameserver: z.string() }).optional(),
  /** Holds the network. */
  anchor: ProcessRecord.optional(),
  machines: z.array(MachineRecord),
  /** The k0s that runs in it, if it is a cluster. */
  cluster: z.object({ machine: z.string(), k0s: ProcessRecord }).optional(),
});
export type SandboxState = z.infer<typeof SandboxState>;

export interface SandboxDirs {
  /** One folder a sandbox, in memory: gone after a reboot like the machines themselves. */
  readonly runDir: string;
  /** One folder a sandbox: the machines' disks. */
  readonly diskDir: string;
}

export const sandboxDirs: SandboxDirs = { runDir: "/run/k0s-sandbox", diskDir: "/var/lib/k0s-sandbox" };

const namePattern = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;

export function checkName(name: string, what: string): void {
  if (namePattern.test(name)) return;
  throw new UserError(`"${name}" is no name for a ${what}`, {
    hint: "Use at most 32 lower-case letters, digits and hyphens, as in a host name.",
    code: "bad-name",
  });
}

export async function readState(
  name: string,
  dirs: SandboxDirs = sandboxDirs,
): Promise<SandboxState | undefined> {
  try {
    return SandboxState.parse(JSON.parse(await readFile(statePath(name, dirs), "utf8")));
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
}

export async function writeState(state: SandboxState, dirs: SandboxDirs = sandboxDirs): Promise<void> {
  await ensureDir(join(dirs.runDir, state.name), { mode: 0o700 });
  await writeFileAtomic(statePath(state.name, dirs), `${JSON.stringify(state, undefined, 2)}\n`, {
    mode: 0o600,
  });
}

/** Names that have a folder in either place. */
export async function knownNames(dirs: SandboxDirs = sandboxDirs): Promise<string[]> {
  const lists = await Promise.all([dirs.runDir, dirs.diskDir].map(folderNames));
  return [...new Set(lists.flat())].toSorted();
}

function statePath(name: string, dirs: SandboxDirs): string {
  return join(dirs.runDir, name, "state.json");
}

async function folderNames(dir: string): Promise<string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && namePattern.test(entry.name))
      .map((entry) => entry.name);
  } catch (err) {
    // In a machine of a sandbox there is a file in its place: there are none to be seen.
    if (isNotFound(err) || errno(err) === "ENOTDIR") return [];
    throw err;
  }
}
