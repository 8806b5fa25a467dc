// An installation of a k0s that kept no record: what shows that a node has run in a data directory.

import { join } from "node:path";
import type { NodePaths } from "../product/paths.ts";
import { statIfExists } from "../os/files.ts";
import { realPath } from "../os/real-path.ts";
import { readRecords } from "../payload/staged-record.ts";
import { namesIn } from "../os/names-in.ts";

/** Programs alone show nothing: `k0s kubectl` has unpacked them on hosts where no k0s ever ran. */
export async function isOlderInstallation(paths: NodePaths): Promise<boolean> {
  return (await hasStagedPrograms(paths)) && (await hasNodeState(paths));
}

/** The launcher notes what it has unpacked, and where. */
export async function hasStagedPrograms({ binDir }: NodePaths): Promise<boolean> {
  return [...(await readRecords(binDir)).values()].some(({ dir }) => realPath(dir) === binDir);
}

/** What only a node writes. Keys, manifests and images may have been put there before the first start. */
async function hasNodeState(paths: NodePaths): Promise<boolean> {
  const written = [
    paths.adminKubeconfig,
    paths.etcdDataDir,
    join(paths.dataDir, "db"),
    paths.containerdRootDir,
    paths.kubeletKubeconfig,
    paths.kubeletBootstrapKubeconfig,
    paths.workerProfileCache,
  ];
  for (const path of written) if (await holdsSomething(path)) return true;
  return false;
}

/** A directory may be an operator's disk, which has a directory of its own. */
async function holdsSomething(path: string): Promise<boolean> {
  const info = await statIfExists(path);
  if (info?.isDirectory() !== true) return info !== undefined && info.size > 0;
  return (await namesIn(path)).some((name) => name !== "lost+found");
}

/**
 * Whether a node has run pods here: only then do links, rules and files outside, as any cluster's node makes them, belong
 * to this one. A controller alone makes none.
 */
export async function hasRunPods(paths: NodePaths, kubeletRootDirs: readonly string[]): Promise<boolean> {
  const written = [
    paths.containerdRootDir,
    paths.kubeletKubeconfig,
    paths.kubeletBootstrapKubeconfig,
    ...kubeletRootDirs.map((root) => join(root, "pods")),
  ];
  for (const path of written) if ((await statIfExists(path)) !== undefined) return true;
  return false;
}
