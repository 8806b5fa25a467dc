// The log that a node keeps in files (os/capped-file.ts), read while it is written: the names of the files move on, their
// inodes stay.

import type { FileHandle } from "node:fs/promises";
import { cappedFileNames } from "../../os/capped-file.ts";
import { openRegularFile } from "../../os/regular-file.ts";
import { pause } from "../../std/wait.ts";
import { type LogLine, readLogLine } from "./line.ts";
import type { LogSource } from "./source.ts";

/** Files that a node keeps besides the present one. */
export const keptLogOlder = 3;

export interface LogFilesOptions {
  readonly path: string;
  /** How many older files there may be. */
  readonly older: number;
  /** From one look for more to the next; default 250 ms. */
  readonly everyMs?: number;
}

/** To be read once, and closed: `await using`. */
export function logFiles({ path, older, everyMs = 250 }: LogFilesOptions): LogSource & AsyncDisposable {
  let present: OpenFile | undefined;
  let time: number | undefined;

  /** Those that are newer than the present one, oldest first. A file that gets another name meanwhile is not taken twice. */
  const newer = async (): Promise<OpenFile[]> => {
    const found: OpenFile[] = [];
    for (const name of cappedFileNames(path, older)) {
      const file = await openIfExists(name);
      if (file === undefined) continue;
      if (file.inode === present?.inode) {
        await file.handle.close();
        break;
      }
      if (found.some(({ inode }) => inode === file.inode)) await file.handle.close();
      else found.unshift(file);
    }
    return found;
  };

  const lines = async function* (signal: AbortSignal): AsyncGenerator<LogLine> {
    if (present === undefined) return;
    for await (const text of linesOf(present, signal)) {
      const line = readLogLine(text, time);
      ({ time } = line);
      yield line;
    }
  };

  const moveTo = async (next: OpenFile): Promise<void> => {
    await present?.handle.close();
    present = next;
  };

  const past: LogSource["past"] = async function* ({ since = Number.NEGATIVE_INFINITY, signal }) {
    for (const file of await newer()) {
      await moveTo(file);
      if (file.modifiedMs < since) file.at = file.size;
      for await (const line of lines(signal)) if ((line.time ?? 0) >= since) yield line;
    }
  };

  return {
    name: path,
    lastWritten: async () => {
      const file = await openIfExists(path);
      await file?.handle.close();
      return file?.modifiedMs;
    },
    past,
    // The files together have no more than the memory holds.
    latest: async function* (wanted) {
      yield* (await Array.fromAsync(past(wanted))).toReversed();
    },
    further: async function* (signal) {
      while (!signal.aborted) {
        yield* lines(signal);
        const next = await newer();
        // What was written before the names moved on.
        if (next.length > 0) yield* lines(signal);
        for (const file of next) {
          await moveTo(file);
          yield* lines(signal);
        }
        if (next.length === 0) await pause(everyMs, signal);
      }
    },
    [Symbol.asyncDispose]: async () => present?.handle.close(),
  };
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly inode: number;
  readonly size: number;
  readonly modifiedMs: number;
  /** Up to where it has been read, whole lines only. */
  at: number;
}

async function openIfExists(path: string): Promise<OpenFile | undefined> {
  const handle = await openRegularFile(path);
  if (handle === undefined) return undefined;
  const { ino, size, mtimeMs } = await handle.stat();
  return { handle, inode: ino, size, modifiedMs: mtimeMs, at: 0 };
}

const pieceBytes = 64 << 10;

/** The whole lines that are there now. A last one without an end is read when it has one. */
async function* linesOf(file: OpenFile, signal: AbortSignal): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  // Somebody has emptied it.
  if ((await file.handle.stat()).size < file.at) file.at = 0;
  while (!signal.aborted) {
    const piece = Buffer.alloc(pieceBytes);
    const { bytesRead } = await file.handle.read(piece, 0, pieceBytes, file.at + rest.length);
    if (bytesRead === 0) return;
    rest = Buffer.concat([rest, piece.subarray(0, bytesRead)]);
    let from = 0;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, from)) {
      const text = rest.toString("utf8", from, end);
      file.at += end + 1 - from;
      from = end + 1;
      yield text;
    }
    rest = rest.subarray(from);
  }
}
