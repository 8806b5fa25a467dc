// Compiles our TypeScript into one executable, with the C library of Debian beside it. docs/adr/0003-one-file.md.

import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, realpath, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { repoRoot } from "../cache-root.ts";
import type { DebianOptions } from "../debian/debian-packages.ts";
import { type DebianTree, debianTree } from "../debian/debian-tree.ts";
import type { PackageSet } from "../debian/package-set.ts";
import { interpreterField, loaderName } from "../host-tools/relocate.ts";
import type { PartTree, TreeFile } from "../pack/part-tree.ts";
import type { Platform, Target } from "../platform.ts";
import { runCommand } from "../run-command.ts";
import { bunBase, bunVersion } from "./bun-base.ts";
import { partialName } from "../partial-name.ts";

/** The libraries that Bun needs; libstdc++ is linked into it. */
const libraries = ["libc.so.6", "libpthread.so.0", "libdl.so.2", "libm.so.6"];
export const runtimePackages: PackageSet = { packages: ["libc6"], alone: true };
const bunTargets: Readonly<Record<string, string>> = {
  "linux/amd64": "bun-linux-x64",
  "linux/arm64": "bun-linux-arm64",
  "windows/amd64": "bun-windows-x64",
};

export interface RuntimeOptions extends Pick<DebianOptions, "signal" | "cache" | "warn"> {
  /** Entry point; default: src/main.ts. */
  readonly entry?: string;
}

export interface Runtime {
  readonly tree: PartTree;
  readonly packages: DebianTree["packages"];
}

export async function buildRuntime(platform: Platform, options: RuntimeOptions = {}): Promise<Runtime> {
  // In the checkout, not in the cache: two checkouts that build at once have two runtimes.
  const dir = join(options.cache ?? join(repoRoot, "dist"), "runtime", platform.dir);
  await mkdir(dir, { recursive: true });
  const executable = join(dir, "runtime");
  await compileRuntime(await bunBase(platform, options), platform, executable, options);
  const debian = await debianTree(runtimePackages, platform, options);
  const shipped = [loaderName(platform.arch), ...libraries];
  const files: TreeFile[] = [
    // First: it is what the launcher starts.
    { path: "runtime", source: executable, mode: 0o755, interpreter: await interpreterField(executable) },
    ...(await Promise.all(
      shipped.map(async (name) => ({
        path: name,
        source: await libraryPath(debian.dir, platform, name),
        mode: 0o755,
      })),
    )),
    { path: "licences/libc6", source: join(debian.dir, "usr/share/doc/libc6/copyright"), mode: 0o644 },
  ];
  const tree: PartTree = {
    name: "runtime",
    kind: "runtime",
    version: await bunVersion(),
    files,
    links: [],
    loader: loaderName(platform.arch),
  };
  return { tree, packages: debian.packages };
}

/** Compiles what is in src/ onto a Bun executable of the target. */
export async function compileRuntime(
  base: string,
  platform: Target,
  output: string,
  options: RuntimeOptions,
): Promise<void> {
  // Bun writes the output's name into it: the folder may change, the name may not.
  const work = partialName(output);
  const name = basename(output);
  const entry = options.entry ?? join(repoRoot, "src", "main.ts");
  await mkdir(work, { recursive: true });
  try {
    // Bun patches the base while compiling: it works on a copy.
    const copy = join(work, "base");
    await copyFile(base, copy);
    const flags = ["--minify", "--bytecode", "--format=esm", "--splitting", "--sourcemap"];
    // CommonJS dependencies would carry the path of the checkout, and every checkout would build other bytes.
    const anywhere = ["--define", '__dirname="/k0s"', "--define", '__filename="/k0s"'];
    const closed = ["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"];
    const target = [`--target=${bunTargets[platform.id]}`, `--compile-executable-path=${copy}`];
    const command = [
      "build",
      "--compile",
      ...flags,
      ...closed,
      ...anywhere,
      ...target,
      entry,
      "--outfile",
      join(work, name),
    ];
    await runCommand([process.execPath, ...command], {
      what: `compiling ${entry} for ${platform.id}`,
      cwd: repoRoot,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    await chmod(join(work, name), 0o755);
    await rename(join(work, name), output);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function libraryPath(root: string, platform: Platform, name: string): Promise<string> {
  const candidates = ["lib", "usr/lib"].flatMap((folder) => [
    join(root, folder, platform.triple, name),
    join(root, folder, name),
  ]);
  const path = [...candidates, join(root, "lib64", name)].find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`Debian's libc6 has no ${name}`);
  return realpath(path);
}
