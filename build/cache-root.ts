// Where everything that a build can make again is kept: outside the checkout, so that a fresh clone finds it.

import { homedir } from "node:os";
import { join } from "node:path";

export function cacheRoot(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const xdg = env["XDG_CACHE_HOME"];
  // The specification says that a relative value counts as unset.
  const base = xdg !== undefined && xdg.startsWith("/") ? xdg : join(env["HOME"] ?? homedir(), ".cache");
  return join(base, "k0s-build");
}

/** The top of the checkout. */
export const repoRoot = join(import.meta.dir, "..");
