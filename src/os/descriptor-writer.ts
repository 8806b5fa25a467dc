// Writes to a descriptor that somebody else gave us, such as standard output, without ever waiting for its reader. The
// descriptor itself stays as it is: others share it, and would not expect O_NONBLOCK.

import { constants, fstatSync, openSync, write, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { promisify } from "node:util";
import { lastErrno, libc, systemError } from "./libc.ts";

/** Bytes written; throws or rejects with an errno error, EAGAIN when nothing can be taken now. */
export type DescriptorWriter = (bytes: Uint8Array) => number | Promise<number>;

const writeLater = promisify(write);
const dontWait = 0x40;
const noSignal = 0x4000;

export function descriptorWriter(fd: number): DescriptorWriter {
  const kind = descriptorKind(fd);
  if (kind === "socket") return (bytes) => send(fd, bytes);
  if (kind === "pipe") {
    const own = reopened(fd);
    if (own !== undefined) return (bytes) => writeSync(own, bytes);
  }
  // A device such as /dev/null or /dev/full answers at once.
  if (kind === "device") return (bytes) => writeSync(fd, bytes);
  // A file's disk may hang: another thread waits for it, with one write at a time.
  return (bytes) => writeLater(fd, bytes).then(({ bytesWritten }) => bytesWritten);
}

/** True if both are the same file, pipe or terminal: what is written to them has one order. */
export function isSameFile(one: number, other: number): boolean {
  try {
    const [a, b] = [fstatSync(one), fstatSync(other)];
    return a.dev === b.dev && a.ino === b.ino && a.rdev === b.rdev;
  } catch {
    // One of them is closed.
    return false;
  }
}

function descriptorKind(fd: number): "pipe" | "socket" | "device" | "file" {
  try {
    const info = fstatSync(fd);
    if (info.isSocket()) return "socket";
    if (info.isFIFO() || isatty(fd)) return "pipe";
    return info.isCharacterDevice() ? "device" : "file";
  } catch {
    // Closed: each write says so, at once.
    return "device";
  }
}

/** The same pipe or terminal under a descriptor of our own that does not wait; undefined where that is not allowed. */
function reopened(fd: number): number | undefined {
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  try {
    return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return undefined;
  }
}

function send(fd: number, bytes: Uint8Array): number {
  const sent = Number(libc().sendto(fd, bytes, bytes.length, dontWait | noSignal, null, 0));
  if (sent < 0) throw systemError("sendto", lastErrno());
  return sent;
}
