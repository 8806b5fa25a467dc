// What the operator has put into the directories of k0s, and `reset` deletes with them: manifests and archives of images.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { NodePaths } from "../../product/paths.ts";
import { systemStacks } from "../../deployer/reserved-stacks.ts";
import { errno, isNotFound } from "../../std/errors.ts";

export interface OperatorFiles {
  /** Below the directory of manifests, k0s' own stacks left out: `shop/a.yaml`. */
  readonly manifests: readonly string[];
  /** In the directory of images. */
  readonly images: readonly string[];
}

export async function observeOperatorFiles(
  paths: Pick<NodePaths, "manifestsDir" | "imagesDir">,
): Promise<OperatorFiles> {
  const entries = await listIfDirectory(paths.manifestsDir);
  const folders = entries.filter((name) => !systemStacks.has(name)).toSorted();
  const inside = await Promise.all(
    folders.map(async (folder) => {
      const names = await listIfDirectory(join(paths.manifestsDir, folder));
      return names.length === 0 ? [folder] : names.toSorted().map((name) => `${folder}/${name}`);
    }),
  );
  return { manifests: inside.flat(), images: (await listIfDirectory(paths.imagesDir)).toSorted() };
}

/** Nothing for what is absent or a file. */
async function listIfDirectory(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (err) {
    if (isNotFound(err) || errno(err) === "ENOTDIR") return [];
    throw err;
  }
}
