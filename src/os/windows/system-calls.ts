// The few calls of Windows that the runtime does not offer, through FFI; its libraries are opened at first use, as the C library
// is on Linux.

import { dlopen, ptr } from "bun:ffi";
import { systemError } from "../libc.ts";

function openKernel() {
  return dlopen("kernel32.dll", {
    CloseHandle: { args: ["i64"], returns: "i32" },
    CreateFileW: { args: ["ptr", "u32", "u32", "ptr", "u32", "u32", "ptr"], returns: "i64" },
    GetLastError: { args: [], returns: "u32" },
  }).symbols;
}

function openShell() {
  return dlopen("shell32.dll", { IsUserAnAdmin: { args: [], returns: "i32" } }).symbols;
}

let kernel: ReturnType<typeof openKernel> | undefined;
let shell: ReturnType<typeof openShell> | undefined;

export function kernel32(): ReturnType<typeof openKernel> {
  kernel ??= openKernel();
  return kernel;
}

/** Whether this process may do what administrators may, which is more than to be called by one. */
export function isElevated(): boolean {
  shell ??= openShell();
  return shell.IsUserAnAdmin() !== 0;
}

/** A NUL-terminated copy; keep the result referenced for as long as the call runs. */
export function wideString(text: string): Buffer {
  return Buffer.from(`${text}\0`, "utf16le");
}

/** The error of the call just made; read it before anything else runs. */
export function lastError(): number {
  return kernel32().GetLastError();
}

/** Shaped like those of node:fs. */
export function windowsError(call: string, number: number, path: string): Error {
  return Object.assign(systemError(call, number, path), { code: errorNames[number] ?? `error ${number}` });
}

export { ptr };

const errorNames: Readonly<Record<number, string>> = {
  2: "ENOENT",
  3: "ENOENT",
  5: "EACCES",
  32: "EBUSY",
  112: "ENOSPC",
};
