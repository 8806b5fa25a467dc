// The few C library calls that Bun does not offer, through FFI. The runtime ships libc.so.6 beside itself, so the
// plain soname always resolves; musl answers to the same name.

import { dlopen, ptr, read } from "bun:ffi";

function open() {
  return dlopen("libc.so.6", {
    __errno_location: { args: [], returns: "ptr" },
    adjtimex: { args: ["ptr"], returns: "i32" },
    bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
    capset: { args: ["ptr", "ptr"], returns: "i32" },
    clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
    connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
    flock: { args: ["i32", "i32"], returns: "i32" },
    getxattr: { args: ["ptr", "ptr", "ptr", "u64"], returns: "i64" },
    getppid: { args: [], returns: "i32" },
    if_nametoindex: { args: ["ptr"], returns: "u32" },
    syscall: { args: ["i64", "i64", "i64", "i64", "i64", "i64"], returns: "i64" },
    linkat: { args: ["i32", "ptr", "i32", "ptr", "i32"], returns: "i32" },
    lckpwdf: { args: [], returns: "i32" },
    madvise: { args: ["u64", "u64", "i32"], returns: "i32" },
    prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
    sendto: { args: ["i32", "ptr", "u64", "i32", "ptr", "u32"], returns: "i64" },
    setgroups: { args: ["u64", "ptr"], returns: "i32" },
    setresgid: { args: ["u32", "u32", "u32"], returns: "i32" },
    setresuid: { args: ["u32", "u32", "u32"], returns: "i32" },
    setsid: { args: [], returns: "i32" },
    setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
    signal: { args: ["i32", "u64"], returns: "u64" },
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    ulckpwdf: { args: [], returns: "i32" },
    umount2: { args: ["ptr", "i32"], returns: "i32" },
    unlinkat: { args: ["i32", "ptr", "i32"], returns: "i32" },
  }).symbols;
}

let symbols: ReturnType<typeof open> | undefined;

/** The C library, opened at first use. */
export function libc(): ReturnType<typeof open> {
  symbols ??= open();
  return symbols;
}

/**
 * A system call that the C library has no function for, or only a new one. Numbers above 423 are the same on every
 * architecture. Returns -1 after a failure, as the C library's own functions do.
 */
export function systemCall(number: number, ...args: readonly number[]): number {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = args;
  return Number(libc().syscall(number, a, b, c, d, e));
}

/** A NUL-terminated copy; keep the result referenced for as long as the call runs. */
export function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

/** The error of the call just made; read it before anything else runs. */
export function lastErrno(): number {
  const location = libc()["__errno_location"]();
  return location === null ? 0 : read.i32(location, 0);
}

/** An error shaped like those of node:fs, so that `errno()` of std/errors works on it. */
export function systemError(call: string, number: number, path?: string): Error {
  const code = errnoNames[number] ?? `errno ${number}`;
  const error = new Error(`${call}${path === undefined ? "" : ` ${path}`}: ${code}`);
  return Object.assign(error, {
    code,
    errno: -number,
    syscall: call,
    ...(path === undefined ? {} : { path }),
  });
}

export { ptr };

const errnoNames: Readonly<Record<number, string>> = {
  1: "EPERM",
  2: "ENOENT",
  3: "ESRCH",
  4: "EINTR",
  5: "EIO",
  9: "EBADF",
  11: "EAGAIN",
  12: "ENOMEM",
  13: "EACCES",
  16: "EBUSY",
  17: "EEXIST",
  18: "EXDEV",
  19: "ENODEV",
  20: "ENOTDIR",
  21: "EISDIR",
  22: "EINVAL",
  28: "ENOSPC",
  30: "EROFS",
  32: "EPIPE",
  38: "ENOSYS",
  39: "ENOTEMPTY",
  40: "ELOOP",
  98: "EADDRINUSE",
  99: "EADDRNOTAVAIL",
  100: "ENETDOWN",
  101: "ENETUNREACH",
  104: "ECONNRESET",
  105: "ENOBUFS",
  107: "ENOTCONN",
  113: "EHOSTUNREACH",
};
