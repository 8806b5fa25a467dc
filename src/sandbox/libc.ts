// The few C library calls that make namespaces, mounts and sockets; the only file of this folder that knows FFI.
// All of them act on the calling thread, so code after `unshare` or `setns` must use synchronous file calls only.

import { dlopen, read } from "bun:ffi";
import { getSystemErrorName } from "node:util";

export const namespaceFlags = {
  mnt: 0x0002_0000,
  cgroup: 0x0200_0000,
  uts: 0x0400_0000,
  ipc: 0x0800_0000,
  pid: 0x2000_0000,
  net: 0x4000_0000,
} as const;

export type NamespaceKind = keyof typeof namespaceFlags;

/** The calling thread's own root, working directory and umask: `setns` into a mount namespace asks for it. */
export const cloneFs = 0x200;

export const mountFlags = {
  readOnly: 1,
  noSuid: 2,
  noDev: 4,
  noExec: 8,
  remount: 0x20,
  bind: 0x1000,
  recursive: 0x4000,
  private: 1 << 18,
  shared: 1 << 20,
} as const;

export interface MountCall {
  readonly source: string;
  readonly target: string;
  readonly type?: string;
  readonly flags?: number;
  readonly data?: string;
}

export interface Libc {
  unshare(flags: number): void;
  setns(fd: number, flag: number): void;
  mount(call: MountCall): void;
  /** Unmounts at once for new accesses, in fact when the last user is gone. */
  detach(target: string): void;
  /** Makes the working directory, which must be a mount point, the root; the old root is then found at `oldRoot` below it. */
  pivotRootHere(oldRoot: string): void;
  setHostname(name: string): void;
  setSession(): void;
  makeCharDevice(path: string, mode: number, major: number, minor: number): void;
  /** Puts `from` in the place of `to`. */
  duplicateTo(from: number, to: number): void;
  pipe(): { readEnd: number; writeEnd: number };
  /** A file in memory, closed on exec. */
  memoryFile(name: string): number;
  netlinkSocket(): number;
  send(fd: number, data: Uint8Array): void;
  receive(fd: number, size: number): Uint8Array;
  interfaceIndex(name: string): number;
}

/** A failed call, with the errno name in `code` as node:fs has it. */
class SystemCallError extends Error {
  override readonly name = "SystemCallError";
  readonly code: string;

  constructor(call: string, errno: number, subject: string) {
    const code = getSystemErrorName(-errno);
    super(`${call}${subject === "" ? "" : ` ${subject}`}: ${code}`);
    this.code = code;
  }
}

const symbols = {
  unshare: { args: ["i32"], returns: "i32" },
  setns: { args: ["i32", "i32"], returns: "i32" },
  mount: { args: ["ptr", "ptr", "ptr", "u64", "ptr"], returns: "i32" },
  umount2: { args: ["ptr", "i32"], returns: "i32" },
  syscall: { args: ["i64", "ptr", "ptr"], returns: "i64" },
  sethostname: { args: ["ptr", "u64"], returns: "i32" },
  setsid: { args: [], returns: "i32" },
  mknod: { args: ["ptr", "u32", "u64"], returns: "i32" },
  dup2: { args: ["i32", "i32"], returns: "i32" },
  pipe2: { args: ["ptr", "i32"], returns: "i32" },
  memfd_create: { args: ["ptr", "u32"], returns: "i32" },
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  send: { args: ["i32", "ptr", "u64", "i32"], returns: "i64" },
  recv: { args: ["i32", "ptr", "u64", "i32"], returns: "i64" },
  if_nametoindex: { args: ["ptr"], returns: "u32" },
  __errno_location: { args: [], returns: "ptr" },
} as const;

const detachFlag = 2;
const closeOnExec = 0x8_0000;
const memfdCloseOnExec = 1;
const afNetlink = 16;
const sockRaw = 3;
const charDevice = 0o020_000;
const pivotRootNumber = process.arch === "arm64" ? 41 : 155;

export function openLibc(): Libc {
  const c = dlopen("libc.so.6", symbols).symbols;

  const lastErrno = (): number => {
    const location = c["__errno_location"]();
    return location === null ? 0 : read.i32(location, 0);
  };
  const check = (result: number | bigint, call: string, subject = ""): number => {
    const value = Number(result);
    if (value >= 0) return value;
    throw new SystemCallError(call, lastErrno(), subject);
  };

  return {
    unshare: (flags) => void check(c.unshare(flags), "unshare"),
    setns: (fd, flag) => void check(c.setns(fd, flag), "setns"),
    mount: ({ source, target, type, flags = 0, data }) => {
      const typeText = type === undefined ? null : text(type);
      const dataText = data === undefined ? null : text(data);
      check(
        c.mount(text(source), text(target), typeText, flags, dataText),
        "mount",
        `${type ?? source} on ${target}`,
      );
    },
    detach: (target) => void check(c.umount2(text(target), detachFlag), "umount", target),
    pivotRootHere: (oldRoot) =>
      void check(c.syscall(pivotRootNumber, text("."), text(oldRoot)), "pivot_root"),
    setHostname: (name) =>
      void check(c.sethostname(text(name), Buffer.byteLength(name)), "sethostname", name),
    setSession: () => void check(c.setsid(), "setsid"),
    makeCharDevice: (path, mode, major, minor) =>
      void check(c.mknod(text(path), charDevice | mode, deviceNumber(major, minor)), "mknod", path),
    duplicateTo: (from, to) => void check(c.dup2(from, to), "dup2"),
    pipe: () => {
      const ends = new Int32Array(2);
      check(c.pipe2(ends, closeOnExec), "pipe");
      const [readEnd = -1, writeEnd = -1] = ends;
      return { readEnd, writeEnd };
    },
    memoryFile: (name) => check(c.memfd_create(text(name), memfdCloseOnExec), "memfd_create"),
    netlinkSocket: () => check(c.socket(afNetlink, sockRaw | closeOnExec, 0), "socket"),
    send: (fd, data) => void check(c.send(fd, data, data.byteLength, 0), "send"),
    receive: (fd, size) => {
      const buffer = new Uint8Array(size);
      return buffer.subarray(0, check(c.recv(fd, buffer, size, 0), "recv"));
    },
    interfaceIndex: (name) => {
      const index = c.if_nametoindex(text(name));
      if (index === 0) throw new SystemCallError("if_nametoindex", lastErrno(), name);
      return index;
    },
  };
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

/** glibc's encoding for numbers below 4096 and 256. */
function deviceNumber(major: number, minor: number): number {
  return (major << 8) | minor;
}
