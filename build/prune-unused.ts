// Entries of the build cache that no build has used for two weeks are deleted. A build that uses an entry marks it.

import { readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { isNotFound } from "../src/std/errors.ts";

const unusedMs = 14 * 24 * 3600 * 1000;

export async function markUsed(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now);
}

/** Removes the files below `dir` that are unused. */
export async function pruneFiles(dir: string, now = Date.now()): Promise<void> {
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) await pruneEntry(join(entry.parentPath, entry.name), now);
  }
}

/** Removes the entries of `dir`, files or whole folders, that are unused. */
export async function pruneEntries(dir: string, now = Date.now()): Promise<void> {
  for (const name of await readdir(dir)) await pruneEntry(join(dir, name), now);
}

async function pruneEntry(path: string, now: number): Promise<void> {
  try {
    if (now - (await stat(path)).mtimeMs > unusedMs) await rm(path, { recursive: true, force: true });
  } catch (err) {
    // Another build pruned it first.
    if (!isNotFound(err)) throw err;
  }
}
