// How much space something takes on disk.
//
// A mount is not even looked at: a stat of one whose server is away never returns, and nodes are reset at such times.

import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { Mount } from "../../os/mounts.ts";
import { errno, isNotFound } from "../../std/errors.ts";
import { namesIn } from "../../os/names-in.ts";

export interface UsageOptions {
  /** Add up what is in a directory; without it the directory counts alone. */
  readonly measure: boolean;
  readonly mounts: readonly Mount[];
}

/** In bytes, without what is mounted there or below, or lies on another file system. Undefined if there is nothing. */
export async function diskUsage(
  path: string,
  { measure, mounts }: UsageOptions,
): Promise<number | undefined> {
  const mounted = new Set(mounts.map(({ target }) => target));
  if (mounted.has(path)) return 0;
  const top = await lstat(path).catch(ignoreGone);
  if (top === undefined) return undefined;
  let bytes = top.blocks * 512;
  if (!measure || !top.isDirectory()) return bytes;
  const waiting = [path];
  for (let dir = waiting.pop(); dir !== undefined; dir = waiting.pop()) {
    for (const name of await namesIn(dir)) {
      const below = join(dir, name);
      const entry = mounted.has(below) ? undefined : await lstat(below).catch(ignoreGone);
      if (entry === undefined || entry.dev !== top.dev) continue;
      bytes += entry.blocks * 512;
      if (entry.isDirectory()) waiting.push(below);
    }
  }
  return bytes;
}

function ignoreGone(err: unknown): undefined {
  if (isNotFound(err) || errno(err) === "ENOTDIR") return undefined;
  throw err;
}
