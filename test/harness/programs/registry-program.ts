// The registry of the tests as a program: built once from the modules that its go.sum names, kept like what the build makes.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot } from "../../../build/cache-root.ts";
import { contentHash, sha256 } from "../../../build/components/content-hash.ts";
import { goBuild, goFlags, goVersion, linkFlags } from "../../../build/components/go-build.ts";
import { hostPlatform } from "../../../build/platform.ts";

const dir = join(import.meta.dir, "registry");

/** Path of distribution's `registry` for this host. */
export async function registryProgram(): Promise<string> {
  const platform = hostPlatform();
  const files: Record<string, string> = {};
  for (const name of ["go.mod", "go.sum", "main.go"]) files[name] = sha256(await readFile(join(dir, name)));
  const flags = [...goFlags, ...linkFlags];
  const hash = contentHash({ files, platform: platform.id, toolchain: await goVersion(), flags });
  const output = join(cacheRoot(), "programs", platform.dir, `test-registry-${hash}`);
  if (!existsSync(output)) await goBuild({ dir, package: ".", output, platform });
  return output;
}
