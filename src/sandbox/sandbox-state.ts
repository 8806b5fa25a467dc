// What is known about a sandbox between commands: /run/k0s-sandbox/NAME/state.json, written whole and under a lock.

import { join } from "node:path";
import * as z from "zod";
import { ensureDir, writeFileAtomic } from "../os/files.ts";
import { UserError } from "../std/errors.ts";
import { parsedJson } from "../std/json.ts";
import { groupName } from "./cgroups.ts";
import { isOwnDirectory, readOwnFile, requireOwnDirectories } from "./own-places.ts";
import { type SandboxDirs, sandboxDirs } from "./sandbox-dirs.ts";
import { checkName, isName } from "./sandbox-name.ts";
import { namesIn } from "../os/names-in.ts";

const ProcessRecord = z.object({ pid: z.int().min(2), startTime: z.int().nonnegative() });
const Name = z.string().refine(isName);
const Address = z.ipv4();

const MachineRecord = z.object({
  name: Name,
  /** Last part of its address: 2 and up. */
  number: z.int().min(2).max(254),
  address: Address,
  group: z.string(),
  diskDir: z.string(),
  machineId: z.string(),
  /** Absent while the machine is being made or is stopped. */
  init: ProcessRecord.optional(),
});
export type MachineRecord = z.infer<typeof MachineRecord>;

const SandboxState = z.object({
  version: z.literal(1),
  name: Name,
  createdAt: z.string(),
  /** The process that made it; an ephemeral sandbox ends with it. */
  creator: ProcessRecord,
  ephemeral: z.boolean(),
  /** False until everything that was asked for exists. */
  complete: z.boolean(),
  /** First three parts of every address. */
  prefix: z.string().regex(/^(\d{1,3}\.){2}\d{1,3}$/),
  /** The way out, if there is one: our link on the host, and what its forwarding was set to before. */
  uplink: z
    .object({
      link: z.string().regex(/^k0s-up\d{1,3}$/),
      forwarding: z.string().regex(/^\d{1,10}$/),
      nameserver: Address,
    })
    .optional(),
  /** Holds the network. */
  anchor: ProcessRecord.optional(),
  machines: z.array(MachineRecord),
  /** The k0s that runs in it, if it is a cluster. */
  cluster: z.object({ machine: Name, k0s: ProcessRecord }).optional(),
});
export type SandboxState = z.infer<typeof SandboxState>;

/** Undefined if there is none. Throws a `UserError` when it is not ours, or is not a valid state. */
export async function readState(
  name: string,
  dirs: SandboxDirs = sandboxDirs,
): Promise<SandboxState | undefined> {
  checkName(name, "sandbox");
  await requireOwnDirectories(dirs.runDir, join(dirs.runDir, name));
  const text = await readOwnFile(statePath(name, dirs));
  return text === undefined ? undefined : parseState(text, name, dirs);
}

export type StateLook =
  | { readonly kind: "none" }
  | { readonly kind: "state"; readonly state: SandboxState }
  /** Damaged, of another version, or not ours. */
  | { readonly kind: "unusable"; readonly error: UserError };

/** Like `readState`, for those who go on in any case. */
export async function lookAtState(name: string, dirs: SandboxDirs = sandboxDirs): Promise<StateLook> {
  try {
    const state = await readState(name, dirs);
    return state === undefined ? { kind: "none" } : { kind: "state", state };
  } catch (err) {
    if (err instanceof UserError) return { kind: "unusable", error: err };
    throw err;
  }
}

/** Networks of sandboxes. One whose state nobody can use shows in the host's addresses, if it has a way out. */
export function takenPrefixes(looks: readonly StateLook[]): readonly string[] {
  return looks.flatMap((look) => (look.kind === "state" ? [look.state.prefix] : []));
}

function parseState(text: string, name: string, dirs: SandboxDirs): SandboxState {
  const parsed = SandboxState.safeParse(parsedJson(text));
  if (parsed.success && belongs(parsed.data, name, dirs)) return parsed.data;
  throw new UserError(`what ${statePath(name, dirs)} says is no state of sandbox ${name}`, {
    hint: `It may be of another version of k0s, which knows it. Else: k0s sandbox delete ${name}`,
    code: "bad-sandbox-state",
  });
}

/** What is killed and removed follows from names; a state that says something else is refused. */
function belongs(state: SandboxState, name: string, dirs: SandboxDirs): boolean {
  return (
    state.name === name &&
    state.machines.every(
      (machine) =>
        machine.group === groupName(name, machine.name) &&
        machine.diskDir === join(dirs.diskDir, name, machine.name),
    )
  );
}

export async function writeState(state: SandboxState, dirs: SandboxDirs = sandboxDirs): Promise<void> {
  checkName(state.name, "sandbox");
  await requireOwnDirectories(dirs.runDir, join(dirs.runDir, state.name));
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
  // In a machine of a sandbox there is a file in its place: there are none to be seen.
  const names = (await namesIn(dir)).filter(isName);
  const own = await Promise.all(names.map((name) => isOwnDirectory(join(dir, name))));
  return names.filter((_, index) => own[index]);
}
