// Programs of tests and of the bench: built once from the modules that their go.sum names, kept like what the build makes,
// and part of no k0s file.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot } from "../../../build/cache-root.ts";
import { contentHash, sha256 } from "../../../build/components/content-hash.ts";
import { goBuild, goFlags, goVersion, linkFlags } from "../../../build/components/go-build.ts";
import { hostPlatform } from "../../../build/platform.ts";

/** Path of the program that the Go module in `dir` is, for this host. */
export async function goProgram(name: string, dir: string): Promise<string> {
  const platform = hostPlatform();
  const files: Record<string, string> = {};
  for (const file of ["go.mod", "go.sum", "main.go"]) files[file] = sha256(await readFile(join(dir, file)));
  const flags = [...goFlags, ...linkFlags];
  const hash = contentHash({ files, platform: platform.id, toolchain: await goVersion(), flags });
  const output = join(cacheRoot(), "programs", platform.dir, `${name}-${hash}`);
  if (!existsSync(output)) await goBuild({ dir, package: ".", output, platform });
  return output;
}
