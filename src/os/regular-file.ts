// Reads what should be a file, and may be anything that somebody has put there: a fifo or a terminal would be waited for, for
// ever and on a thread that nobody gets back.

import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { errno, isNotFound } from "../std/errors.ts";

/** To be closed; undefined if there is nothing. Rejects if there is something else than a file. */
export async function openRegularFile(path: string): Promise<FileHandle | undefined> {
  let file: FileHandle;
  try {
    // To open a device can do something by itself.
    if (!(await stat(path)).isFile()) throw notRegular(path);
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (err) {
    if (isNotFound(err) || errno(err) === "ENOTDIR") return undefined;
    throw err;
  }
  if ((await file.stat()).isFile()) return file;
  // It has been put there meanwhile.
  await file.close();
  throw notRegular(path);
}

/** The text of it; undefined if there is nothing. */
export async function readRegularFile(path: string): Promise<string | undefined> {
  const file = await openRegularFile(path);
  try {
    return await file?.readFile("utf8");
  } finally {
    await file?.close();
  }
}

function notRegular(path: string): Error {
  return new Error(`${path} is not a regular file`);
}
