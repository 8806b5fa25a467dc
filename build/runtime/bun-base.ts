// The Bun executable that a compiled program is made from: the pinned one of the platform, made relocatable and
// without the languages that k0s does not speak.

import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { cacheRoot, repoRoot } from "../cache-root.ts";
import { patchelf } from "../host-tools/patchelf.ts";
import { relocate } from "../host-tools/relocate.ts";
import type { Platform, Target } from "../platform.ts";
import { runCommand } from "../run-command.ts";
import { partialName } from "../partial-name.ts";
import { removeLanguages } from "./icu-data.ts";

const packageNames: Readonly<Record<string, string>> = {
  "linux/amd64": "@oven/bun-linux-x64",
  "linux/arm64": "@oven/bun-linux-aarch64",
  "windows/amd64": "@oven/bun-windows-x64",
};
const recipe = 2;

/** The version that package.json pins. */
export async function bunVersion(): Promise<string> {
  const schema = z.object({ devDependencies: z.object({ bun: z.string() }) });
  return schema.parse(await Bun.file(join(repoRoot, "package.json")).json()).devDependencies.bun;
}

export async function bunBase(
  platform: Platform,
  options: { signal?: AbortSignal; cache?: string } = {},
): Promise<string> {
  const version = await bunVersion();
  const dir = join(options.cache ?? cacheRoot(), "bun-base", `${version}-${recipe}`);
  const base = join(dir, platform.dir);
  if (existsSync(base)) return base;
  await mkdir(dir, { recursive: true });
  const partial = partialName(base);
  try {
    await copyFile(await publishedBun(platform, version, options), partial);
    await chmod(partial, 0o755);
    await relocate(await patchelf(options), partial, "$ORIGIN");
    const executable = await readFile(partial);
    removeLanguages(executable);
    await writeFile(partial, executable);
    await rename(partial, base);
  } finally {
    await rm(partial, { force: true });
  }
  return base;
}

/** Bun as published: from node_modules, or for a foreign platform from the npm registry into the cache. */
export async function publishedBun(
  platform: Target,
  version: string,
  options: { signal?: AbortSignal; cache?: string },
): Promise<string> {
  const name = packageNames[platform.id];
  if (name === undefined) throw new Error(`Bun is not published for ${platform.id}`);
  const installed = join("node_modules", name, "bin", platform.os === "windows" ? "bun.exe" : "bun");
  if (existsSync(join(repoRoot, installed))) return join(repoRoot, installed);
  const home = join(options.cache ?? cacheRoot(), "tools", `bun-${version}-${platform.dir}`);
  const program = join(home, installed);
  if (existsSync(program)) return program;
  await mkdir(dirname(home), { recursive: true });
  const install = [
    "install",
    "--loglevel=error",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    "--force",
    "--prefix",
    home,
  ];
  await runCommand(["npm", ...install, `${name}@${version}`], {
    what: `getting Bun ${version} for ${platform.id}`,
    hint: () => "The build needs the npm registry, once.",
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  return program;
}
