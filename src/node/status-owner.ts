// Which process is the k0s of a run directory: the one that holds the lock of the runtime configuration.

import { readFile, stat } from "node:fs/promises";
import type { NodePaths } from "../config/paths.ts";
import { isLocked } from "../os/flock.ts";
import { processInfo, type ProcessId } from "../os/processes.ts";
import { errno } from "../std/errors.ts";
import { queryStatus } from "./status.ts";

/** Undefined when no k0s runs there. */
export async function runningK0s(paths: NodePaths, signal?: AbortSignal): Promise<ProcessId | undefined> {
  if (!isLocked(paths.runtimeConfigLock)) return undefined;
  const pid =
    (await lockOwner(paths.runtimeConfigLock)) ?? (await queryStatus(paths.statusSocket, signal)).Pid;
  return processInfo(pid);
}

/** The kernel's table of locks names the owner by pid and the file by inode. */
async function lockOwner(path: string): Promise<number | undefined> {
  const { ino } = await stat(path);
  return findLockOwner(await readLocks(), ino);
}

export function findLockOwner(locks: string, inode: number): number | undefined {
  const line = /^\d+: FLOCK\s+ADVISORY\s+WRITE\s+(\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)\s/;
  for (const [, pid, ino] of locks.split("\n").flatMap((text) => [line.exec(text) ?? []])) {
    if (Number(ino) === inode && Number(pid) > 0) return Number(pid);
  }
  return undefined;
}

async function readLocks(): Promise<string> {
  try {
    return await readFile("/proc/locks", "utf8");
  } catch (err) {
    if (errno(err) === "ENOENT" || errno(err) === "EACCES") return "";
    throw err;
  }
}
