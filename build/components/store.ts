// Where results lie: <cache>/components/<platform>/<name>/<hash>/. A folder that is there is complete: it is filled
// beside and renamed, so an interrupted build leaves nothing half done, and two builds at once do not hurt each other.

import { chmod, mkdir, mkdtemp, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { errno } from "../../src/std/errors.ts";
import { hashFile } from "./hash-file.ts";

export function storeDir(cache: string, platformDir: string, name: string, hash: string): string {
  return join(cache, "components", platformDir, name, hash);
}

export function isStored(dir: string): boolean {
  return existsSync(join(dir, "sha256sums"));
}

/** An empty folder beside `dir`, to be filled and given to `publish`. */
export async function stage(dir: string): Promise<string> {
  await mkdir(dirname(dir), { recursive: true });
  await removeAbandoned(dirname(dir));
  return mkdtemp(join(dirname(dir), `.${process.pid}-`));
}

/** Adds `sha256sums`, makes everything durable, gives it its name. */
export async function publish(staged: string, dir: string): Promise<void> {
  const files = (await readdir(staged)).sort();
  const sums = await Promise.all(
    files.map(async (file) => `${await hashFile(join(staged, file))}  ${file}\n`),
  );
  await writeFile(join(staged, "sha256sums"), sums.join(""));
  for (const file of [...files, "sha256sums"]) {
    const handle = await open(join(staged, file), "r");
    await handle.sync();
    await handle.close();
  }
  // mkdtemp makes folders that only the owner may enter; results are for everybody.
  await chmod(staged, 0o755);
  try {
    await rename(staged, dir);
  } catch (err) {
    // Somebody else was faster: the same inputs, so the same bytes.
    if (errno(err) !== "ENOTEMPTY" && errno(err) !== "EEXIST") throw err;
    await rm(staged, { recursive: true, force: true });
  }
}

/** Removes what builds that were killed left behind: the process in the name is gone. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const entry of await readdir(parent)) {
    const pid = /^\.(\d+)-/.exec(basename(entry))?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    await rm(join(parent, entry), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (err) {
    return errno(err) === "EPERM";
  }
}
