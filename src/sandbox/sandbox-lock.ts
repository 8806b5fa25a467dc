// One change at a time to one sandbox, among all processes; the lock's file goes with the rest of the sandbox.

import { closeSync, fstatSync, mkdirSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { libc } from "../os/libc.ts";
import { removeEmptyDirectory, removeFile } from "../os/removal.ts";
import { pollUntil } from "../std/wait.ts";
import { requireOwnDirectories } from "./own-places.ts";
import { checkName } from "./sandbox-name.ts";
import { sandboxDirs } from "./sandbox-dirs.ts";

const exclusiveNow = 2 | 4; // LOCK_EX | LOCK_NB

export async function withSandboxLock<T>(
  name: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const path = await lockPath(name);
  const fd = await pollUntil(() => tryToLock(path), {
    what: `another command that changes sandbox ${name}`,
    intervalMs: 20,
    timeoutMs: 60_000,
    ...(signal === undefined ? {} : { signal }),
  });
  return await workLocked(path, fd, work);
}

/** Does nothing while another command changes the sandbox. */
export async function withSandboxLockIfFree(name: string, work: () => Promise<void>): Promise<void> {
  const path = await lockPath(name);
  const fd = tryToLock(path);
  if (fd !== undefined) await workLocked(path, fd, work);
}

async function lockPath(name: string): Promise<string> {
  checkName(name, "sandbox");
  await requireOwnDirectories(sandboxDirs.runDir);
  return join(sandboxDirs.runDir, `${name}.lock`);
}

async function workLocked<T>(path: string, fd: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await removeFile(path);
    closeSync(fd);
    await removeEmptyDirectory(sandboxDirs.runDir);
  }
}

/** The descriptor of the locked file. A file that its last holder has removed meanwhile does not count. */
function tryToLock(path: string): number | undefined {
  mkdirSync(sandboxDirs.runDir, { recursive: true, mode: 0o700 });
  const fd = openSync(path, "a", 0o600);
  if (
    libc().flock(fd, exclusiveNow) === 0 &&
    statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino
  )
    return fd;
  closeSync(fd);
  return undefined;
}
