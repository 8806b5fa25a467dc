// The CNI plug-ins of containernetworking/plugins: one program with a link for each plug-in, in a directory of k0s' own.

import { lstat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { makeDir } from "../os/files.ts";
import { errno, isNotFound } from "../std/errors.ts";
import type { Payload } from "./payload.ts";
import { type StagingOptions, startStaging } from "./staging.ts";

export async function stageCniPlugins(payload: Payload, dir: string, options: StagingOptions): Promise<void> {
  await startStaging(payload, pluginParts(payload), { dir, own: false }, options).done;
}

/**
 * For a container runtime of the host, which looks into a directory of its own: links to the plug-ins that are missing there.
 * Whatever is there stays, and a link shows by itself whose it is.
 */
export async function linkCniPlugins(payload: Payload, from: string, to: string): Promise<void> {
  await makeDir(to, { mode: 0o755 });
  const names = pluginParts(payload).flatMap(({ files, links }) =>
    [...files, ...links].map(({ path }) => path),
  );
  for (const name of names) {
    if (await exists(join(to, name))) continue;
    await symlink(join(from, name), join(to, name));
  }
}

function pluginParts({ index }: Payload): Payload["index"]["parts"] {
  return index.parts.filter((part) => part.kind === "cni-plugins");
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (err) {
    if (isNotFound(err) || errno(err) === "ENOTDIR") return false;
    throw err;
  }
}
