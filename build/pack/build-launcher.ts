// The static outer program, built once for each state of launcher/.

import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheRoot, repoRoot } from "../cache-root.ts";
import { contentHash, isBuildInput, sha256 } from "../components/content-hash.ts";
import { goBuild, goFlags, goVersion, linkFlags } from "../components/go-build.ts";
import type { Target } from "../platform.ts";
import { markUsed, pruneEntries } from "../prune-unused.ts";

export async function buildLauncher(
  platform: Target,
  options: { signal?: AbortSignal; cache?: string } = {},
): Promise<string> {
  const dir = join(repoRoot, "launcher");
  const files: Record<string, string> = {};
  for (const name of (await readdir(dir)).filter(isBuildInput))
    files[name] = sha256(await readFile(join(dir, name)));
  const hash = contentHash({
    files,
    platform: platform.id,
    toolchain: await goVersion(options.signal),
    flags: [...goFlags, ...linkFlags],
  });
  const output = join(options.cache ?? cacheRoot(), "launcher", platform.dir, hash);
  if (existsSync(output) && (await stat(output)).size > 0) {
    await markUsed(output);
    return output;
  }
  await goBuild({
    dir,
    package: ".",
    output,
    platform,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  await pruneEntries(dirname(output));
  return output;
}
