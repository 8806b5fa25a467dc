// Atomic writes and directories with exact modes, whatever the umask.
// Upstream: internal/pkg/file/atomic.go, internal/pkg/dir/dir.go.

import type { Stats } from "node:fs";
import {
  chmod,
  chown,
  lchown,
  lstat,
  mkdir,
  open,
  readFile,
  readlink,
  readdir,
  rename,
  stat,
  symlink,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { errno, isNotFound, UserError } from "../std/errors.ts";
import { removeFile } from "./removal.ts";
import { temporaryName } from "./temporary-files.ts";

export interface FileOwnership {
  mode?: number;
  uid?: number;
  gid?: number;
}

/** Writes beside the target, syncs, sets mode and owner, renames, syncs the directory. Default mode 0644. */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: FileOwnership = {},
): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await replaceThrough(temporary, path, data, options);
  } catch (err) {
    throw writeFailure(path, err);
  }
}

/** Writes only when content, mode or owner differ; tells whether it wrote. */
export async function writeFileIfChanged(
  path: string,
  data: string | Uint8Array,
  options: FileOwnership = {},
): Promise<boolean> {
  const [current, info] = await Promise.all([readBytesIfExists(path), statIfExists(path)]);
  const wanted = typeof data === "string" ? Buffer.from(data) : data;
  if (current !== undefined && info !== undefined && current.equals(wanted) && hasOwnership(info, options)) {
    return false;
  }
  await writeFileAtomic(path, data, options);
  return true;
}

/** Gives a file its final name and makes that durable; both names lie in the same directory. */
export async function renameFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
    await syncDirectory(dirname(to));
  } catch (err) {
    throw writeFailure(to, err);
  }
}

/** Makes a symbolic link, or turns the one that is there, in one step. */
export async function writeLinkAtomic(path: string, target: string): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await symlink(target, temporary);
    await rename(temporary, path);
  } catch (err) {
    await removeFile(temporary);
    throw writeFailure(path, err);
  }
}

/**
 * Creates the directory and its parents; mode and owner are enforced on the last one even if it existed. Only for
 * directories that are k0s' own beyond doubt, those below its data and run directories: see `makeDir`.
 */
export async function ensureDir(path: string, options: FileOwnership = {}): Promise<void> {
  const mode = options.mode ?? 0o755;
  try {
    const first = await mkdir(path, { recursive: true, mode });
    if (first !== undefined) await openParents(path, first);
    const info = await stat(path);
    if (!info.isDirectory()) throw Object.assign(new Error("not a directory"), { code: "ENOTDIR" });
    await applyOwnership(path, info, { ...options, mode });
  } catch (err) {
    throw writeFailure(path, err);
  }
}

/**
 * Makes the directory and its parents unless it is there, and tells whether it did. Mode and owner are those of a directory
 * that was just made: one that existed may belong to somebody else and stays as it is.
 */
export async function makeDir(path: string, options: FileOwnership = {}): Promise<boolean> {
  if ((await statIfExists(path))?.isDirectory() === true) return false;
  await ensureDir(path, options);
  return true;
}

/** Sets mode and owner where they differ; tells whether it changed anything. */
export async function ensureOwnership(path: string, options: FileOwnership): Promise<boolean> {
  return applyOwnership(path, await stat(path), options);
}

/** The text of a file, or undefined if there is none. */
export async function readFileIfExists(path: string): Promise<string | undefined> {
  return (await readBytesIfExists(path))?.toString("utf8");
}

/** The bytes of a file, or undefined if there is none. */
export async function readBytesIfExists(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (err) {
    if (isNotFound(err) || errno(err) === "ENOTDIR") return undefined;
    throw err;
  }
}

/** Where a symbolic link leads, or undefined if there is none at `path`. */
export async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (err) {
    if (isNotFound(err) || errno(err) === "ENOTDIR" || errno(err) === "EINVAL") return undefined;
    throw err;
  }
}

/** What `stat` says, or undefined if there is nothing at `path`. */
export async function statIfExists(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (err) {
    if (isNotFound(err) || errno(err) === "ENOTDIR") return undefined;
    throw err;
  }
}

/** What is at `path` itself, also where that is a link; undefined if nothing is. A parent that is no directory is an error. */
export async function lstatIfExists(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
}

/** Gives a tree to an owner, symbolic links themselves included; nothing happens if there is no such tree. */
export async function chownTree(path: string, uid: number, gid: number): Promise<void> {
  try {
    await tolerateUnprivileged(lchown(path, uid, gid));
    for (const entry of await readdir(path, { recursive: true })) {
      await tolerateUnprivileged(lchown(join(path, entry), uid, gid));
    }
  } catch (err) {
    if (!isNotFound(err) && errno(err) !== "ENOTDIR") throw err;
  }
}

const keepId = -1;

async function replaceThrough(
  temporary: string,
  path: string,
  data: string | Uint8Array,
  options: FileOwnership,
): Promise<void> {
  const handle = await open(temporary, "wx", 0o600);
  try {
    try {
      await handle.writeFile(data);
      if (options.uid !== undefined || options.gid !== undefined) {
        await tolerateUnprivileged(handle.chown(options.uid ?? keepId, options.gid ?? keepId));
      }
      await handle.chmod(options.mode ?? 0o644);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (err) {
    await removeFile(temporary);
    throw err;
  }
  await syncDirectory(dirname(path));
}

/** The umask may have narrowed the parents that were just made: 0755 lets everybody pass through. */
async function openParents(path: string, first: string): Promise<void> {
  for (let made = dirname(path); made.length >= first.length; made = dirname(made)) await chmod(made, 0o755);
}

async function applyOwnership(path: string, info: Stats, options: FileOwnership): Promise<boolean> {
  const uid = options.uid ?? info.uid;
  const gid = options.gid ?? info.gid;
  const otherOwner = uid !== info.uid || gid !== info.gid;
  if (otherOwner) await tolerateUnprivileged(chown(path, uid, gid));
  if (options.mode === undefined || (info.mode & 0o7777) === options.mode) return otherOwner;
  await chmod(path, options.mode);
  return true;
}

function hasOwnership(info: Stats, options: FileOwnership): boolean {
  return (
    (!hasModes || (info.mode & 0o7777) === (options.mode ?? 0o644)) &&
    (options.uid === undefined || options.uid === info.uid) &&
    (options.gid === undefined || options.gid === info.gid)
  );
}

/** Only root can give files away; everybody else keeps them. */
async function tolerateUnprivileged(change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (err) {
    if (errno(err) !== "EPERM" || process.geteuid?.() === 0) throw err;
  }
}

/** Windows knows no modes, and tells of each file that everybody may write it. */
const hasModes = process.platform !== "win32";
/** What those say who cannot sync directories: some file systems of Linux, and Windows. The rename itself has happened. */
const cannotSync: ReadonlySet<string> = new Set(
  hasModes ? ["EINVAL"] : ["EINVAL", "EPERM", "EISDIR", "EACCES"],
);

async function syncDirectory(path: string): Promise<void> {
  try {
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (err) {
    if (!cannotSync.has(errno(err) ?? "")) throw err;
  }
}

/** Turns the failures that the host's owner can put right into sentences; anything else stays as it is. */
export function writeFailure(path: string, err: unknown): unknown {
  const sentence = writeFailures[errno(err) ?? ""];
  if (sentence === undefined || err instanceof UserError) return err;
  return new UserError(`Cannot write ${path}: ${sentence.why}.`, {
    hint: sentence.hint,
    code: sentence.code,
    cause: err,
  });
}

const writeFailures: Readonly<Record<string, { why: string; hint: string; code: string }>> = {
  EROFS: {
    why: "the file system is read-only",
    hint: "Mount it writable, or choose another place with --data-dir.",
    code: "read-only-file-system",
  },
  ENOSPC: {
    why: "no space is left on the device",
    hint: "Free some space and start again.",
    code: "disk-full",
  },
  EDQUOT: { why: "the disk quota is used up", hint: "Free some space and start again.", code: "disk-full" },
  EACCES: {
    why: "permission denied",
    hint: "Run as root, or give this user the right to write there.",
    code: "no-permission",
  },
  EPERM: {
    why: "the system does not permit it",
    hint: "Choose another place, or see whether the file is immutable (lsattr).",
    code: "no-permission",
  },
  EEXIST: {
    why: "there is a file of that name",
    hint: "Move the file that is in the way.",
    code: "not-a-directory",
  },
  ENOTDIR: {
    why: "a part of the path is not a directory",
    hint: "Move the file that is in the way.",
    code: "not-a-directory",
  },
};
