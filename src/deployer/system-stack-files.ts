// The manifest files that k0s itself writes below <manifests>: same folders and names as upstream, so
// that people find them; written only when they change.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ensureDir, readFileIfExists, writeFileAtomic } from "../os/files.ts";
import { removeEmptyDirectory, removeFile } from "../os/removal.ts";
import { dumpYamlDocuments } from "../std/yaml.ts";
import type { KubeObject } from "../kube/types.ts";
import { listManifests } from "./stack-files.ts";

/** File name → objects. */
export type SystemStackFiles = ReadonlyMap<string, readonly KubeObject[]>;

const note = "# Written by k0s, and written again when the cluster configuration changes.\n";

/** Writes the files that differ, deletes those of `before` that are not wanted any more; says whether anything changed. */
export async function writeSystemStack(
  folder: string,
  files: SystemStackFiles,
  before: SystemStackFiles | undefined,
): Promise<boolean> {
  await ensureDir(folder);
  let changed = false;
  for (const [name, objects] of files) {
    const path = join(folder, name);
    const text = note + dumpYamlDocuments(objects);
    if ((await readFileIfExists(path)) === text) continue;
    await writeFileAtomic(path, text);
    changed = true;
  }
  for (const name of before?.keys() ?? []) {
    if (files.has(name)) continue;
    await removeFile(join(folder, name));
    changed = true;
  }
  return changed;
}

/** Puts back files of a system stack that somebody deleted; returns their names. Edited files are left as they are. */
export async function restoreSystemStack(folder: string, files: SystemStackFiles): Promise<string[]> {
  const present = new Set(await listManifests(folder));
  const missing = [...files].filter(([name]) => !present.has(name));
  if (missing.length > 0) await writeSystemStack(folder, new Map(missing), undefined);
  return missing.map(([name]) => name);
}

/** Removes the folder with its manifests, and nothing else that somebody may have put there. */
export async function removeSystemStack(folder: string): Promise<void> {
  for (const name of await listManifests(folder)) await removeFile(join(folder, name));
  const rest = await readdir(folder).catch(() => undefined);
  if (rest?.length === 0) await removeEmptyDirectory(folder);
}
