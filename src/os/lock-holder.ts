// Who holds an exclusive lock (flock) on a file, proved: the kernel's table of locks only hints at it. Its pid is that of
// any process that took the lock, its inode number is unique within one file system only, and on a tmpfs such numbers
// are small.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { errno, isNotFound } from "../std/errors.ts";
import { statIfExists } from "./files.ts";
import { listProcesses, processInfo, type ProcessId } from "./processes.ts";

/** The process that has this very file open and locked; undefined if there is none that this pid namespace shows. */
export async function lockHolder(path: string): Promise<ProcessId | undefined> {
  const file = await statIfExists(path);
  if (file === undefined) return undefined;
  const hinted = lockCandidates(await readTextOf("/proc/locks"), file.ino);
  // The table may be missing, and names nobody of another pid namespace.
  const others = (await listProcesses()).map(({ pid }) => pid).filter((pid) => !hinted.includes(pid));
  for (const pid of [...hinted, ...others]) {
    const before = await processInfo(pid);
    if (before === undefined || !(await holds(pid, file))) continue;
    const after = await processInfo(pid);
    if (after?.startTime === before.startTime) return { pid, startTime: before.startTime };
  }
  return undefined;
}

/** From the text of /proc/locks: who has an exclusive flock on a file with this inode number, on whatever device. */
export function lockCandidates(locks: string, inode: number): readonly number[] {
  const line = /^\d+: FLOCK\s+ADVISORY\s+WRITE\s+(\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)\s/;
  const pids = locks.split("\n").flatMap((text) => {
    const [, pid, ino] = line.exec(text) ?? [];
    return Number(ino) === inode && Number(pid) > 0 ? [Number(pid)] : [];
  });
  return [...new Set(pids)];
}

/** Whether one of its descriptors is this file, and the kernel says of that descriptor that it holds the lock. */
async function holds(pid: number, file: { readonly dev: number; readonly ino: number }): Promise<boolean> {
  for (const fd of await descriptorsOf(pid)) {
    const open = await statOpenFile(join("/proc", String(pid), "fd", fd));
    if (open?.ino !== file.ino || open.dev !== file.dev) continue;
    const info = await readTextOf(join("/proc", String(pid), "fdinfo", fd));
    if (/^lock:.*\bFLOCK\s+ADVISORY\s+WRITE\b/m.test(info)) return true;
  }
  return false;
}

async function descriptorsOf(pid: number): Promise<readonly string[]> {
  return (await unlessGone(readdir(`/proc/${pid}/fd`))) ?? [];
}

async function statOpenFile(
  path: string,
): Promise<{ readonly dev: number; readonly ino: number } | undefined> {
  return unlessGone(statIfExists(path));
}

async function readTextOf(path: string): Promise<string> {
  return (await unlessGone(readFile(path, "utf8"))) ?? "";
}

/** Processes and descriptors vanish while they are looked at, and some may not be looked at. */
async function unlessGone<T>(looking: Promise<T>): Promise<T | undefined> {
  try {
    return await looking;
  } catch (err) {
    if (isNotFound(err) || ["ESRCH", "EACCES", "EPERM"].includes(errno(err) ?? "")) return undefined;
    throw err;
  }
}
