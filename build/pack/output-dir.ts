// Where the k0s file of a platform is put.

import { join } from "node:path";
import { repoRoot } from "../cache-root.ts";
import { hostPlatform, type Platform } from "../platform.ts";

/** `dist/` for the architecture of the build host, a folder below it for another. */
export function outputDir(platform: Platform): string {
  const dist = join(repoRoot, "dist");
  return platform.id === hostPlatform().id ? dist : join(dist, platform.dir);
}
