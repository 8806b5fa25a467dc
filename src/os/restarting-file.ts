// The file of a service manager that gets what we print. Nobody else limits its size, so what we have written there is cut
// off when it has become too much: who has made the file may hold it open, and would go on writing to it under another name.
// What others have written before us stays. Every call is one on another thread, since a disk may hang.

import { fstat, fstatSync, ftruncate, readFileSync, readlinkSync } from "node:fs";
import { open, readlink } from "node:fs/promises";
import { promisify } from "node:util";
import { isNotFound } from "../std/errors.ts";
import type { DescriptorWriter } from "./descriptor-writer.ts";

/** Whether a descriptor is one of these files, open so that each write goes to its end: its end can be cut off then. */
export function isAppendedTo(fd: number, files: readonly string[]): boolean {
  try {
    if (!files.includes(readlinkSync(link(fd))) || !fstatSync(fd).isFile()) return false;
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1] ?? "0";
    return (Number.parseInt(flags, 8) & appending) !== 0;
  } catch (err) {
    // It is closed.
    if (isNotFound(err)) return false;
    throw err;
  }
}

export interface RestartingFileOptions {
  /** Its names. Under another one it is somebody else's, such as a program's that turns logs, and only written to. */
  readonly files: readonly string[];
  /** Of what we write there. */
  readonly maxBytes: number;
  /** The line from which on the file is ours. `cut`: what stood there is gone. */
  readonly markLine: (cut: boolean) => string;
  /** What only that line has. A later run knows by it what is ours. */
  readonly mark: string;
}

/** `fd` stays as it is. */
export function restartingFile(
  fd: number,
  write: DescriptorWriter,
  { files, maxBytes, markLine, mark }: RestartingFileOptions,
): DescriptorWriter {
  /** Where our part begins; undefined before the first write. */
  let ours: number | undefined;

  const begin = async (at: number, cut: boolean): Promise<void> => {
    await write(Buffer.from(markLine(cut)));
    ours = at;
  };

  /** An earlier run may have begun our part. What stands there without its mark is not ours. */
  const find = async (): Promise<void> => {
    const { from, bytes } = await endOf(fd, maxBytes + slackBytes);
    const at = bytes.lastIndexOf(mark);
    if (at >= 0) {
      ours = from + bytes.lastIndexOf("\n", at) + 1;
      return;
    }
    const unended = bytes.length > 0 && bytes.at(-1) !== newline;
    if (unended) await write(Buffer.of(newline));
    await begin(from + bytes.length + (unended ? 1 : 0), false);
  };

  return async (bytes) => {
    if (ours === undefined) await find();
    const { size } = await stat(fd);
    // Somebody else has emptied it.
    if (ours !== undefined && size < ours) await begin(size, false);
    if (ours !== undefined && size - ours > maxBytes && files.includes(await readlink(link(fd)))) {
      const at = ours;
      await truncate(fd, at);
      ours = undefined;
      await begin(at, true);
    }
    return write(bytes);
  };
}

const appending = 0o2000;
const newline = 10;
const stat = promisify(fstat);
const truncate = promisify(ftruncate);
const link = (fd: number): string => `/proc/self/fd/${fd}`;
/** What may stand behind our last look at the size: a last write of k0s, or the last words of a runtime that crashed. */
const slackBytes = 256 << 10;

/** The descriptor is for writing only. */
async function endOf(fd: number, most: number): Promise<{ readonly from: number; readonly bytes: Buffer }> {
  const file = await open(link(fd), "r");
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - most);
    const bytes = Buffer.alloc(size - from);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
    return { from, bytes: bytes.subarray(0, bytesRead) };
  } finally {
    await file.close();
  }
}
