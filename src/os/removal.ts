// Everything that this program deletes goes through here; `make check` forbids it elsewhere. Nothing follows a symbolic
// link and nothing crosses a mount: trees are walked by directory handles, so that neither a path that the kernel
// spells differently nor one that changes meanwhile can lead out of the tree.

import { closeSync, constants, openSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { rmdir, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { errno, isNotFound } from "../std/errors.ts";
import { cString, lastErrno, libc, ptr, systemCall, systemError } from "./libc.ts";

/** Deletes a file, a socket or a symbolic link (not what it leads to); one that is not there is fine. Never a directory. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (err) {
    if (!isNotFound(err)) throw err;
  }
}

/** Deletes an empty directory; false if something is in it or mounted on it, or it is not a directory. */
export async function removeEmptyDirectory(path: string): Promise<boolean> {
  try {
    await rmdir(path);
    return true;
  } catch (err) {
    if (["ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR", "EBUSY", "EROFS"].includes(errno(err) ?? ""))
      return false;
    throw err;
  }
}

/** Deletes an empty directory such as a control group; it is an error if something is in it or uses it. Gone is fine. */
export function removeEmptyDirectorySync(path: string): void {
  try {
    rmdirSync(path);
  } catch (err) {
    if (!isNotFound(err)) throw err;
  }
}

export interface TreeRemoval {
  /** The directory itself stays, e.g. because something is mounted there. It is not a symbolic link. */
  readonly contentOnly?: boolean;
  /** The directory that holds it was not a symbolic link. One that has been put in its place since is an error. */
  readonly parentIsReal?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Deletes what lies at `path`, a directory with all that is in it. Something mounted below is an error that names it;
 * what has been deleted until then stays deleted. A path where nothing is is fine.
 */
export async function removeTree(path: string, options: TreeRemoval = {}): Promise<void> {
  const walk = new TreeWalk(options.signal);
  const target = resolve(path);
  if (options.contentOnly === true) return walk.emptyNamed(target);
  if (target === "/") throw new Error("the root directory is not deleted");
  const parent = openDirectory(dirname(target), options.parentIsReal === true ? constants.O_NOFOLLOW : 0);
  if (parent === undefined) return;
  try {
    await walk.remove({ fd: parent, path: dirname(target) }, Buffer.from(basename(target)));
  } finally {
    closeSync(parent);
  }
}

interface OpenDirectory {
  readonly fd: number;
  /** For messages only. */
  readonly path: string;
}

class TreeWalk {
  readonly #signal: AbortSignal | undefined;
  #removed = 0;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  async emptyNamed(path: string): Promise<void> {
    const fd = openDirectory(path, constants.O_NOFOLLOW);
    if (fd === undefined) return;
    try {
      await this.#empty({ fd, path });
    } finally {
      closeSync(fd);
    }
  }

  async remove(parent: OpenDirectory, name: Buffer): Promise<void> {
    await this.#breathe();
    if (unlinkName(parent, name, 0) !== "directory") return;
    const path = join(parent.path, name.toString());
    const fd = openBelow(parent, name, path);
    if (fd === undefined) return;
    try {
      await this.#empty({ fd, path });
    } finally {
      closeSync(fd);
    }
    unlinkName(parent, name, AT_REMOVEDIR);
  }

  async #empty(dir: OpenDirectory): Promise<void> {
    // By bytes: containers may have names that are not UTF-8.
    const names = readdirSync(`/proc/self/fd/${dir.fd}`, { encoding: "buffer" });
    for (const name of names) await this.remove(dir, Buffer.from(name));
  }

  /** The calls are synchronous: others must have their turn, and so must a signal. */
  async #breathe(): Promise<void> {
    this.#removed += 1;
    if (this.#removed % 256 !== 0) return;
    await new Promise((next) => setImmediate(next));
    this.#signal?.throwIfAborted();
  }
}

function openDirectory(path: string, flags = 0): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | flags);
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
}

/** Undefined if it is gone. Throws when another file system, or another part of this one, is mounted there. */
function openBelow(parent: OpenDirectory, name: Buffer, path: string): number | undefined {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | O_CLOEXEC;
  const how = new BigUint64Array([BigInt(flags), 0n, BigInt(RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS)]);
  const text = terminated(name);
  const fd = systemCall(SYS_openat2, parent.fd, Number(ptr(text)), Number(ptr(how)), how.byteLength);
  if (fd >= 0) return fd;
  const number = lastErrno();
  if (number === ENOENT) return undefined;
  if (number === EXDEV) throw mountedAt(path);
  // A kernel before 5.6, or a filter of system calls that does not know it.
  if (number === ENOSYS || number === EPERM) return openAndCompare(parent, name, path);
  throw systemError("open", number, path);
}

function openAndCompare(parent: OpenDirectory, name: Buffer, path: string): number | undefined {
  const below = Buffer.concat([Buffer.from(`/proc/self/fd/${parent.fd}/`), name]);
  let fd: number;
  try {
    fd = openSync(below, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
  if (mountOf(fd) === mountOf(parent.fd)) return fd;
  closeSync(fd);
  throw mountedAt(path);
}

/** The number of the mount that an open file was reached through: also tells two mounts of one file system apart. */
function mountOf(fd: number): string {
  const id = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1];
  if (id === undefined) throw new Error("the kernel does not tell which mount a file belongs to");
  return id;
}

function unlinkName(parent: OpenDirectory, name: Buffer, flags: number): "removed" | "directory" {
  const text = terminated(name);
  if (libc().unlinkat(parent.fd, ptr(text), flags) === 0) return "removed";
  const number = lastErrno();
  if (number === ENOENT) return "removed";
  if (number === EISDIR && flags === 0) return "directory";
  const path = join(parent.path, name.toString());
  throw number === EBUSY ? mountedAt(path) : systemError("unlink", number, path);
}

function terminated(name: Buffer): Buffer {
  return Buffer.concat([name, cString("")]);
}

function mountedAt(path: string): Error {
  return Object.assign(new Error(`${path} is left as it is: something is mounted there`), {
    code: "EBUSY",
    path,
  });
}

const SYS_openat2 = 437;
const RESOLVE_NO_XDEV = 1;
const RESOLVE_NO_SYMLINKS = 4;
const AT_REMOVEDIR = 0x200;
const O_CLOEXEC = 0o2_000_000;
const EPERM = 1;
const ENOENT = 2;
const EBUSY = 16;
const EXDEV = 18;
const EISDIR = 21;
const ENOSYS = 38;
