// Paths as the kernel tells them: mountinfo, /proc/PID/exe and control groups know no symbolic links, so code that compares
// with them must not know any either.

import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { errno, isNotFound } from "../std/errors.ts";

/** Absolute and without symbolic links; what does not exist yet keeps the name that was given. */
export function realPath(path: string): string {
  const absolute = resolve(path);
  const missing: string[] = [];
  for (let existing = absolute; ; existing = dirname(existing)) {
    const real = tryRealPath(existing);
    if (real !== undefined) return join(real, ...missing);
    // Also a drive of Windows that is not there.
    if (existing === dirname(existing)) return absolute;
    missing.unshift(basename(existing));
  }
}

/** Undefined if it does not exist, or we may not see it. */
function tryRealPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (err) {
    if (isNotFound(err) || ["ENOTDIR", "EACCES", "ELOOP"].includes(errno(err) ?? "")) return undefined;
    throw err;
  }
}
