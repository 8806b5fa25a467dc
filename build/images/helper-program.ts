// The few small programs that are ours inside images (pause, entry points): a Go module without dependencies, or one C file.

import { mkdir, readdir, readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { repoRoot } from "../cache-root.ts";
import { cCompiler, cIdentity, cPackages } from "../components/c-compiler.ts";
import { contentHash, sha256 } from "../components/content-hash.ts";
import { ensurePackages } from "../components/debian-packages.ts";
import { goBuild, goFlags, goVersion, linkFlags } from "../components/go-build.ts";
import { hostPlatform, type Platform } from "../platform.ts";
import { runCommand } from "../run-command.ts";
import { partialName } from "../partial-name.ts";

/** No C library: such a program makes its few system calls itself. */
const cFlags = [
  "-Os",
  "-static",
  "-nostdlib",
  "-ffreestanding",
  "-fno-pie",
  "-no-pie",
  "-fno-stack-protector",
] as const;
const cLinkFlags = ["-Wl,--build-id=none", "-Wl,-z,noseparate-code", "-s"] as const;

export interface HelperProgram {
  readonly path: string;
  /** Names the bytes of the program. */
  readonly hash: string;
}

/** `source` is relative to images/: a folder with a go.mod, or a `.c` file. */
export async function buildHelperProgram(
  source: string,
  platform: Platform,
  cache: string,
  signal: AbortSignal,
): Promise<HelperProgram> {
  const from = join(repoRoot, "images", source);
  const isC = source.endsWith(".c");
  const names = isC
    ? [""]
    : (await readdir(from)).filter((name) => /\.go$|^go\.mod$/.test(name) && !name.endsWith("_test.go"));
  const files: Record<string, string> = {};
  for (const name of names) files[name] = sha256(await readFile(join(from, name)));
  const hash = contentHash({ files, platform: platform.id, ...(await toolchain(isC, platform, signal)) });
  const path = join(cache, "programs", platform.dir, `${source.replaceAll(/\W+/g, "-")}-${hash}`);
  if (existsSync(path)) return { path, hash };
  await mkdir(join(path, ".."), { recursive: true });
  if (isC) await compileC(from, path, platform, signal);
  else await goBuild({ dir: from, package: ".", output: path, platform, signal });
  return { path, hash };
}

async function toolchain(isC: boolean, platform: Platform, signal: AbortSignal) {
  if (!isC) return { toolchain: await goVersion(signal), flags: [...goFlags, ...linkFlags] };
  const packages = cPackages(platform, []);
  await ensurePackages(packages, hostPlatform().arch, signal);
  return { toolchain: "", flags: [...cFlags, ...cLinkFlags], c: await cIdentity(platform, packages, signal) };
}

async function compileC(
  source: string,
  output: string,
  platform: Platform,
  signal: AbortSignal,
): Promise<void> {
  const partial = partialName(output);
  await runCommand([cCompiler(platform), ...cFlags, ...cLinkFlags, "-o", partial, source], {
    what: `compiling ${source} for ${platform.id}`,
    signal,
  });
  await runCommand(["mv", partial, output], { what: `storing ${output}`, signal });
}
