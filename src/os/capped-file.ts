// A log in files of a limited size: the present one, and older ones with a number behind the name. The oldest goes when the
// present one is full. Every write is one on another thread, since a disk may hang; see std/bounded-sink.ts.

import { type FileHandle, mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { errno, isNotFound } from "../std/errors.ts";
import type { DescriptorWriter } from "./descriptor-writer.ts";
import { statIfExists } from "./files.ts";

export interface CappedFileOptions {
  readonly path: string;
  /** Of each file; a single write that is longer has a file of its own. */
  readonly maxBytes: number;
  /** How many files there are besides the present one. */
  readonly older: number;
}

export interface CappedFile {
  /** Appends; begins another file first if this one is full. Rejects with an errno error, and may be called again then. */
  readonly write: DescriptorWriter;
  close(): Promise<void>;
}

/** The file is made, with access for its owner alone, by the first write. */
export function cappedFile({ path, maxBytes, older }: CappedFileOptions): CappedFile {
  let file: { readonly handle: FileHandle; readonly inode: number; size: number } | undefined;

  const close = async (): Promise<void> => {
    const { handle } = file ?? {};
    file = undefined;
    await handle?.close();
  };

  const opened = async (): Promise<NonNullable<typeof file>> => {
    // Somebody, or a program that turns logs, may have moved or removed it.
    if (file !== undefined && (await statIfExists(path))?.ino !== file.inode) await close();
    if (file !== undefined) return file;
    const handle = await openToAppend(path);
    const { ino, size } = await handle.stat();
    file = { handle, inode: ino, size };
    return file;
  };

  return {
    write: async (bytes) => {
      const { size } = await opened();
      if (size > 0 && size + bytes.length > maxBytes) {
        await moveOn(path, older);
        await close();
      }
      const present = await opened();
      const { bytesWritten } = await present.handle.write(bytes);
      present.size += bytesWritten;
      return bytesWritten;
    },
    close,
  };
}

/** Somebody may have removed its directory, which is made again; not the one above: it may be one of a node that is gone. */
async function openToAppend(path: string): Promise<FileHandle> {
  try {
    return await open(path, "a", 0o600);
  } catch (err) {
    if (!isNotFound(err)) throw err;
  }
  try {
    await mkdir(dirname(path), 0o700);
  } catch (err) {
    if (errno(err) !== "EEXIST") throw err;
  }
  return open(path, "a", 0o600);
}

/** `log` and those that are older, the present one first: `log`, `log.1`, `log.2`. */
export function cappedFileNames(path: string, older: number): readonly string[] {
  return [path, ...Array.from({ length: older }, (_, at) => `${path}.${at + 1}`)];
}

/** Each takes the name of the next older one. If k0s is killed in the middle, a name is free, which changes nothing. */
async function moveOn(path: string, older: number): Promise<void> {
  const names = cappedFileNames(path, older);
  for (let at = names.length - 1; at > 0; at -= 1) {
    try {
      await rename(names[at - 1] ?? path, names[at] ?? path);
    } catch (err) {
      if (!isNotFound(err)) throw err;
    }
  }
}
