// Names of temporary files, through which others are written, and the removal of those that a killed process has left: they
// may hold keys, and nobody would ever look for them.

import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { removeFile } from "./removal.ts";
import { isNotFound } from "../std/errors.ts";
import { namesIn } from "./names-in.ts";

/** Beside the target, so that renaming stays within one file system. */
export function temporaryName(target: string, pid = process.pid): string {
  return join(dirname(target), `.${basename(target)}.${pid}.${crypto.randomUUID().slice(0, 8)}.tmp`);
}

const pattern = /^\.(.+)\.(\d+)\.[0-9a-f]{8}\.tmp$/;

/**
 * Removes from these directories, not from those below, the files whose name only `temporaryName` gives and whose writer is
 * gone; in a directory that others use only those `of` one file. Returns their paths. To be called while no other k0s of
 * this node runs.
 */
export async function removeStaleTemporaries(
  directories: readonly string[],
  of?: string,
): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const directory of new Set(directories)) {
    for (const name of await namesIn(directory)) {
      const [, target, pid] = pattern.exec(name) ?? [];
      if (pid === undefined || (of !== undefined && target !== of) || (await isAlive(Number(pid)))) continue;
      await removeFile(join(directory, name));
      removed.push(join(directory, name));
    }
  }
  return removed;
}

/** Whether another process of this number is there. */
export async function isAlive(pid: number): Promise<boolean> {
  if (pid === process.pid) return false;
  try {
    await stat(`/proc/${pid}`);
    return true;
  } catch (err) {
    if (isNotFound(err)) return false;
    throw err;
  }
}
