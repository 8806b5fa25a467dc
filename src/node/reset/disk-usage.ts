// How much space something takes on disk.

import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { errno, isNotFound } from "../../std/errors.ts";
import { names } from "./observe-pods.ts";

/** In bytes, without crossing into other file systems; of a directory alone unless measured. Undefined if there is nothing. */
export async function diskUsage(
  path: string,
  { measure }: { measure: boolean },
): Promise<number | undefined> {
  const top = await lstat(path).catch(ignoreGone);
  if (top === undefined) return undefined;
  let bytes = top.blocks * 512;
  if (!measure || !top.isDirectory()) return bytes;
  const waiting = [path];
  for (let dir = waiting.pop(); dir !== undefined; dir = waiting.pop()) {
    for (const name of await names(dir)) {
      const entry = await lstat(join(dir, name)).catch(ignoreGone);
      if (entry === undefined || entry.dev !== top.dev) continue;
      bytes += entry.blocks * 512;
      if (entry.isDirectory()) waiting.push(join(dir, name));
    }
  }
  return bytes;
}

function ignoreGone(err: unknown): undefined {
  if (isNotFound(err) || errno(err) === "ENOTDIR") return undefined;
  throw err;
}
