// What the operator has put into the directories of k0s, and `reset` deletes with them: manifests and archives of images.

import { join } from "node:path";
import type { NodePaths } from "../../product/paths.ts";
import { controllerRole } from "../../roles/controller.ts";
import { systemStacksOf } from "../../roles/folds/workloads.ts";
import type { OperatorFiles } from "./observation.ts";
import { namesIn } from "../../os/names-in.ts";

export async function observeOperatorFiles(
  paths: Pick<NodePaths, "manifestsDir" | "imagesDir">,
): Promise<OperatorFiles> {
  const systemStacks = systemStacksOf(controllerRole);
  const entries = await namesIn(paths.manifestsDir);
  const folders = entries.filter((name) => !systemStacks.has(name)).toSorted();
  const inside = await Promise.all(
    folders.map(async (folder) => {
      const files = await namesIn(join(paths.manifestsDir, folder));
      return files.length === 0 ? [folder] : files.toSorted().map((name) => `${folder}/${name}`);
    }),
  );
  return { manifests: inside.flat(), images: (await namesIn(paths.imagesDir)).toSorted() };
}
