// A file that is there as a whole or not at all, whatever interrupts us: it has no name until everything is in it. A file
// that is there already is never replaced.

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { errno, UserError } from "../std/errors.ts";
import { writeFailure } from "./files.ts";
import { removeFile } from "./removal.ts";
import { cString, lastErrno, libc, ptr, systemError } from "./libc.ts";
import { temporaryName } from "./temporary-files.ts";

/** With access for its owner alone. */
export async function writeNewFile(path: string, data: Uint8Array): Promise<void> {
  try {
    await writeUnnamed(path, data);
  } catch (err) {
    if (errno(err) !== "EEXIST") throw writeFailure(path, err);
    throw new UserError(`${path} is there already`, {
      code: "file-exists",
      hint: "Give another name, or move that file.",
      cause: err,
    });
  }
}

async function writeUnnamed(path: string, data: Uint8Array): Promise<void> {
  const unnamed = await openUnnamed(dirname(path));
  // File systems without unnamed files have one with a name that only k0s gives.
  const name = unnamed === undefined ? temporaryName(path) : undefined;
  const file = unnamed ?? (await open(name ?? path, "wx", 0o600));
  try {
    await file.chmod(0o600);
    await file.writeFile(data);
    await file.sync();
    link(`/proc/self/fd/${file.fd}`, path);
  } finally {
    await file.close();
    if (name !== undefined) await removeFile(name);
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

/** Unlike a rename it takes nobody's place. */
function link(from: string, to: string): void {
  const [source, target] = [cString(from), cString(to)];
  if (libc().linkat(AT_FDCWD, ptr(source), AT_FDCWD, ptr(target), AT_SYMLINK_FOLLOW) === 0) return;
  throw systemError("linkat", lastErrno(), to);
}
