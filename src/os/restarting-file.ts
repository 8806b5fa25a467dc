// The file of a service manager that gets what we print. Nobody else limits its size, so it is emptied when it has become
// too large: who has made it may hold it open, and would go on writing to it under another name.

import { fstatSync, ftruncateSync, readFileSync, readlinkSync } from "node:fs";
import { isNotFound } from "../std/errors.ts";
import type { DescriptorWriter } from "./descriptor-writer.ts";

/** Whether a descriptor is one of these files, open so that each write goes to its end: it can be emptied then. */
export function isAppendedTo(fd: number, files: readonly string[]): boolean {
  try {
    if (!files.includes(readlinkSync(`/proc/self/fd/${fd}`)) || !fstatSync(fd).isFile()) return false;
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1] ?? "0";
    return (Number.parseInt(flags, 8) & appending) !== 0;
  } catch (err) {
    // It is closed.
    if (isNotFound(err)) return false;
    throw err;
  }
}

/** `firstLine` says why what was there is gone. */
export function restartingFile(
  fd: number,
  write: DescriptorWriter,
  { maxBytes, firstLine }: { readonly maxBytes: number; readonly firstLine: () => string },
): DescriptorWriter {
  return async (bytes) => {
    if (fstatSync(fd).size > maxBytes) {
      ftruncateSync(fd, 0);
      await write(Buffer.from(firstLine()));
    }
    return write(bytes);
  };
}

const appending = 0o2000;
