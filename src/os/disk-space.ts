// Room and the right to write, asked before anything is changed.

import { constants } from "node:fs";
import { access, realpath, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { errno, UserError } from "../std/errors.ts";
import { formatBytes } from "../std/bytes.ts";
import { statIfExists } from "./files.ts";
import { listMounts, type Mount, mountHolding } from "./mounts.ts";

/** Bytes that we may still write at `path`, which need not exist yet. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(await nearestExisting(path));
  return bavail * bsize;
}

const elsewhere = "choose another place with --data-dir";

/**
 * Throws a UserError if the place is read-only, full, forbidden, or has less than `bytes` left; `otherwise` is what can be
 * done but to free space there. Touches nothing.
 */
export async function assertWritable(path: string, bytes = 1, otherwise = elsewhere): Promise<void> {
  const dir = await nearestExisting(path);
  await assertPermitted(dir, path);
  const free = await freeBytes(dir);
  if (free >= bytes) return;
  const why =
    free === 0 && bytes === 1
      ? "no space is left on the device"
      : `${formatBytes(bytes)} are needed and ${formatBytes(free)} are free, so ${formatBytes(bytes - free)} are missing`;
  throw new UserError(`Not enough space for ${path}: ${why}.`, {
    hint: `Free some space there, or ${otherwise}.`,
    code: "disk-full",
  });
}

async function assertPermitted(dir: string, path: string): Promise<void> {
  const why = await notWritableBecause(dir);
  if (why === undefined) return;
  throw new UserError(`Cannot write to ${path}: ${why}.`, {
    hint: `Mend that, or ${elsewhere}.`,
    code: why === reasons["EROFS"] ? "read-only-file-system" : "not-writable",
  });
}

/** Throws a UserError if no program below `path` could be run. Touches nothing. */
export async function assertRunnable(path: string, mounts?: readonly Mount[]): Promise<void> {
  const dir = await realpath(await nearestExisting(path));
  const mount = mountHolding(mounts ?? (await listMounts()), dir);
  if (mount?.options.includes("noexec") !== true) return;
  throw new UserError(`Programs in ${path} cannot be run: ${mount.target} is mounted noexec.`, {
    hint: `Mount it without noexec (\`mount -o remount,exec ${mount.target}\`), or choose another place with --data-dir.`,
    code: "noexec",
  });
}

/** Why nothing can be created in this directory; undefined when it can. Touches nothing. */
export async function notWritableBecause(dir: string): Promise<string | undefined> {
  try {
    // The dot: every part of a path must be a directory.
    await access(`${dir}/.`, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (err) {
    const why = reasons[errno(err) ?? ""];
    if (why === undefined) throw err;
    return why;
  }
}

const reasons: Readonly<Record<string, string>> = {
  EROFS: "the file system is read-only",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOTDIR: "a part of the path is not a directory",
};

/** The path itself, or what of the way to it is there. */
export async function nearestExisting(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    if ((await statIfExists(at)) !== undefined || at === dirname(at)) return at;
  }
}
