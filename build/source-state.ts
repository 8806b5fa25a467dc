// Which sources a k0s file was built of: a line in a file beside it. Not in the file itself, where it would make the bytes
// of the same sources differ from commit to commit.

import { existsSync } from "node:fs";
import { lstat, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hashFile } from "./components/hash-file.ts";
import { runCommand } from "./run-command.ts";

/** What is noted of a source archive. */
export const withoutCommit = "sources without a commit";

/** `commit <hash>`, and what its working tree has besides; undefined for a source archive, which knows no commit. */
export async function sourceState(checkout: string, signal: AbortSignal): Promise<string | undefined> {
  if (!existsSync(join(checkout, ".git"))) return undefined;
  // The checkout may belong to another user than the one who builds.
  const asked = [
    "git",
    "--no-optional-locks",
    "-c",
    "safe.directory=*",
    "-c",
    "core.fsmonitor=false",
  ] as const;
  const ask = (...args: readonly string[]): Promise<string> =>
    runCommand([...asked, "-C", checkout, ...args], { what: "asking for the commit of the sources", signal });
  const commit = (await ask("rev-parse", "HEAD")).trim();
  const changes = new Bun.CryptoHasher("sha256").update(
    await ask("diff", "HEAD", "--binary", "--no-ext-diff"),
  );
  const clean = (await ask("status", "--porcelain")).trim() === "";
  if (clean) return `commit ${commit}`;
  for (const name of (await ask("ls-files", "--others", "--exclude-standard", "-z")).split("\0")) {
    const path = join(checkout, name);
    if (name !== "" && (await lstat(path)).isFile()) changes.update(`${name}\0${await hashFile(path)}\n`);
  }
  return `commit ${commit} with changes ${changes.digest("hex").slice(0, 12)}`;
}

/** Before the file is made again: a note of another one must not be beside it. */
export async function forgetSource(k0s: string): Promise<void> {
  await rm(noteOf(k0s), { force: true });
}

export async function noteSource(k0s: string, state: string): Promise<void> {
  await writeFile(noteOf(k0s), `${state}\n`);
}

/** What was noted when the file was built. */
export async function notedSource(k0s: string): Promise<string | undefined> {
  const note = noteOf(k0s);
  return existsSync(note) ? (await readFile(note, "utf8")).trim() : undefined;
}

function noteOf(k0s: string): string {
  return `${k0s}.source`;
}
