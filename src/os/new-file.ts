// A file that is there as a whole or not at all, whatever interrupts us: it has no name until everything is in it. A file
// that is there already is never replaced.

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { errno, UserError } from "../std/errors.ts";
import { writeFailure } from "./files.ts";
import { removeFile } from "./removal.ts";
import { cString, lastErrno, libc, ptr, systemCall, systemError } from "./libc.ts";
import { temporaryName } from "./temporary-files.ts";

/** What not every file system can do. */
export interface NewFileSystem {
  /** A file without a name in a directory; undefined where there are none. */
  readonly openUnnamed: (dir: string) => Promise<FileHandle | undefined>;
  /** Both take nobody's place, unlike a rename as it is. They throw an errno error. */
  readonly link: (from: string, to: string) => void;
  readonly rename: (from: string, to: string) => void;
}

/** With access for its owner alone. */
export async function writeNewFile(
  path: string,
  data: Uint8Array,
  system: NewFileSystem = newFileSystem,
): Promise<void> {
  await fillNewFile(path, (file) => file.writeFile(data), system);
}

/** The same for what is too large to be held: `fill` writes all of it. */
export async function fillNewFile(
  path: string,
  fill: (file: FileHandle) => Promise<void>,
  system: NewFileSystem = newFileSystem,
): Promise<void> {
  try {
    await writeUnnamed(path, fill, system);
  } catch (err) {
    if (errno(err) !== "EEXIST") throw writeFailure(path, err);
    throw new UserError(`${path} is there already`, {
      code: "file-exists",
      hint: "Give another name, or move that file.",
      cause: err,
    });
  }
}

async function writeUnnamed(
  path: string,
  fill: (file: FileHandle) => Promise<void>,
  system: NewFileSystem,
): Promise<void> {
  const unnamed = await system.openUnnamed(dirname(path));
  // File systems without unnamed files have one with a name that only k0s gives.
  const name = unnamed === undefined ? temporaryName(path) : undefined;
  const file = unnamed ?? (await open(name ?? path, "wx", 0o600));
  try {
    await file.chmod(0o600);
    await fill(file);
    await file.sync();
    if (name === undefined) system.link(`/proc/self/fd/${file.fd}`, path);
    else giveName(name, path, system);
  } finally {
    await file.close();
    if (name !== undefined) await removeFile(name);
  }
}

/** FAT has no second name for a file; a file system of a server may not know a rename that takes nobody's place. */
function giveName(from: string, to: string, system: NewFileSystem): void {
  try {
    system.rename(from, to);
  } catch (err) {
    if (!["EINVAL", "ENOSYS"].includes(errno(err) ?? "")) throw err;
    system.link(from, to);
  }
}

const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

async function openUnnamed(dir: string): Promise<FileHandle | undefined> {
  try {
    return await open(dir, O_TMPFILE | constants.O_RDWR, 0o600);
  } catch (err) {
    if (["EOPNOTSUPP", "EISDIR", "EINVAL"].includes(errno(err) ?? "")) return undefined;
    throw err;
  }
}

const AT_FDCWD = -100;
const AT_SYMLINK_FOLLOW = 0x400;

function link(from: string, to: string): void {
  const [source, target] = [cString(from), cString(to)];
  if (libc().linkat(AT_FDCWD, ptr(source), AT_FDCWD, ptr(target), AT_SYMLINK_FOLLOW) === 0) return;
  throw systemError("linkat", lastErrno(), to);
}

const SYS_renameat2 = process.arch === "arm64" ? 276 : 316;
const RENAME_NOREPLACE = 1;

function rename(from: string, to: string): void {
  const [source, target] = [cString(from), cString(to)];
  const names = [AT_FDCWD, Number(ptr(source)), AT_FDCWD, Number(ptr(target))];
  if (systemCall(SYS_renameat2, ...names, RENAME_NOREPLACE) === 0) return;
  throw systemError("renameat2", lastErrno(), to);
}

/** Of this host. */
export const newFileSystem: NewFileSystem = { openUnnamed, link, rename };
