// Kills a piece of our code at its n-th change of a file: the change does not happen, half of it if it was a write, and nothing
// that comes later does either, as if the process were dead. To be preloaded, in processes of their own, since
// it replaces the functions of node:fs/promises for good.

import { createRequire } from "node:module";
import type { FileHandle } from "node:fs/promises";

type Work = (...args: never[]) => Promise<unknown>;

/** What the code sees once it is dead. */
export class Killed extends Error {
  override readonly name = "Killed";
}

const changes = [
  "appendFile",
  "chmod",
  "chown",
  "copyFile",
  "cp",
  "lchown",
  "link",
  "mkdir",
  "rename",
  "rm",
  "rmdir",
  "symlink",
  "truncate",
  "unlink",
  "writeFile",
] as const;

let left = Number.POSITIVE_INFINITY;
let count = 0;

/** Runs the work, killed at its `at`-th change (1 is the first). Returns how many changes there were, and whether it ended by itself. */
export async function killedAt(
  at: number,
  work: () => Promise<unknown>,
): Promise<{ readonly changes: number; readonly finished: boolean }> {
  left = at - 1;
  count = 0;
  try {
    await work();
    return { changes: count, finished: true };
  } catch (err) {
    if (left >= 0) throw err;
    return { changes: count, finished: false };
  } finally {
    left = Number.POSITIVE_INFINITY;
  }
}

/** `kill`: this is the change during which the process dies; `dead`: it has died before. */
function step(): "go" | "kill" | "dead" {
  if (left < 0) return "dead";
  count++;
  return left-- > 0 ? "go" : "kill";
}

function assertAlive(change: string): void {
  if (step() !== "go") throw new Killed(change);
}

const node = createRequire(import.meta.url)("node:fs/promises") as Record<string, Work>;

for (const name of changes) {
  const real = node[name];
  if (real === undefined) throw new Error(`node:fs/promises has no ${name}`);
  node[name] = async (...args) => {
    assertAlive(name);
    return real(...args);
  };
}

const open = node["open"] as unknown as (path: string, flags?: string, mode?: number) => Promise<FileHandle>;
node["open"] = async (path: string, flags = "r", mode?: number) => {
  if (flags === "r") return open(path, flags, mode);
  assertAlive("open");
  return counted(await open(path, flags, mode));
};

/** Mode and owner of a file that has no name of its own yet make no difference; closing it does the kernel for the dead. */
function counted(handle: FileHandle): FileHandle {
  const writeFile = handle.writeFile.bind(handle);
  handle.writeFile = async (data: string | Uint8Array) => {
    const fate = step();
    if (fate === "go") return writeFile(data);
    if (fate === "kill") await writeFile(Buffer.from(data).subarray(0, data.length >> 1));
    throw new Killed("write");
  };
  return handle;
}
