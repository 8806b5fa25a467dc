// Paths of the system that they are for, which need not be the one that this runs on: `C:\k0s` is put together as Windows
// writes it. What decides by paths alone can so be tested for every system on any.

import { posix, win32 } from "node:path";

/** Whether a path is one of Windows: it begins with a drive, or with the two backslashes of a share or a pipe. */
export function isWindowsPath(path: string): boolean {
  return /^([A-Za-z]:[\\/]|\\\\)/.test(path);
}

/** As `join` of node:path does it on the system of `base`, an absolute path. */
export function joinPath(base: string, ...parts: readonly string[]): string {
  return (isWindowsPath(base) ? win32 : posix).join(base, ...parts);
}
