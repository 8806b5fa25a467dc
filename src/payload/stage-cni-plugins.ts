// The CNI plug-ins of containernetworking/plugins: one program with a link for each plug-in, in a directory of k0s' own.

import { readlink } from "node:fs/promises";
import { join } from "node:path";
import { makeDir, statIfExists, writeLinkAtomic } from "../os/files.ts";
import { isNotFound } from "../std/errors.ts";
import type { Payload } from "./payload.ts";
import { type StagingOptions, startStaging } from "./staging.ts";

export async function stageCniPlugins(payload: Payload, dir: string, options: StagingOptions): Promise<void> {
  await startStaging(payload, pluginParts(payload), { dir, own: false }, options).done;
}

/**
 * For a container runtime of the host, which looks into a directory of its own: links to the plug-ins that are missing there.
 * Whatever is there stays, but for links into a data directory that is not there any more. A link shows by itself whose it is.
 */
export async function linkCniPlugins(
  payload: Pick<Payload, "index">,
  from: string,
  to: string,
): Promise<void> {
  await makeDir(to, { mode: 0o755 });
  for (const name of cniPluginNames(payload))
    if (await isFree(join(to, name), name)) await writeLinkAtomic(join(to, name), join(from, name));
}

/** Of the plug-ins that k0s brings, and of the program that all of them are. */
export function cniPluginNames(payload: Pick<Payload, "index">): readonly string[] {
  return pluginParts(payload).flatMap(({ files, links }) => [...files, ...links].map(({ path }) => path));
}

function pluginParts({ index }: Pick<Payload, "index">): Payload["index"]["parts"] {
  return index.parts.filter((part) => part.kind === "cni-plugins");
}

async function isFree(path: string, name: string): Promise<boolean> {
  try {
    if ((await statIfExists(path)) !== undefined) return false;
    return (await readlink(path)).endsWith(`/cni-bin/${name}`);
  } catch (err) {
    if (isNotFound(err)) return true;
    throw err;
  }
}
