// Puts the unpacked files where they belong: each is there as a whole or not at all, and stays after a power cut.

import { createReadStream } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { ensureOwnership, makeDir, renameFile, writeFailure } from "../../os/files.ts";
import { removeFile } from "../../os/removal.ts";
import { temporaryName } from "../../os/temporary-files.ts";
import { errno } from "../../std/errors.ts";

/** A file, or a directory with all in it; what is there beside it stays. Directories that are there keep mode and owner. */
export async function place(from: string, to: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const info = await lstat(from);
  if (!info.isDirectory()) return placeFile(from, to);
  await makeDir(to, { mode: info.mode & 0o777 });
  for (const name of await readdir(from)) await place(join(from, name), join(to, name), signal);
}

/** Takes the place of a file that is there. */
export async function placeFile(from: string, to: string): Promise<void> {
  await sync(from);
  try {
    await renameFile(from, to);
  } catch (err) {
    if (errno(err) !== "EXDEV") throw err;
    // Something is mounted there.
    await placeCopy(from, to);
  }
}

async function placeCopy(from: string, to: string): Promise<void> {
  const temporary = temporaryName(to);
  try {
    await copyInto(from, temporary);
    const { mode, uid, gid } = await lstat(from);
    await ensureOwnership(temporary, { mode: mode & 0o777, uid, gid });
    await renameFile(temporary, to);
  } catch (err) {
    await removeFile(temporary);
    throw writeFailure(to, err);
  }
}

async function copyInto(from: string, temporary: string): Promise<void> {
  await using file = await open(temporary, "wx", 0o600);
  for await (const piece of createReadStream(from)) await file.appendFile(piece as Uint8Array);
  await file.sync();
}

async function sync(path: string): Promise<void> {
  await using handle = await open(path, "r");
  await handle.sync();
}
