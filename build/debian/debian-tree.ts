// A set of Debian packages, of any architecture, unpacked into a folder of the cache; nothing is installed or run.

import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errno } from "../../src/std/errors.ts";
import { cacheRoot } from "../cache-root.ts";
import { stage } from "../components/store.ts";
import type { Platform } from "../platform.ts";
import { markUsed, pruneEntries } from "../prune-unused.ts";
import { runCommand } from "../run-command.ts";
import { debFiles, debianPackages, type DebianOptions } from "./debian-packages.ts";
import { type PackageSet, packagesHash, type UsedPackage } from "./package-set.ts";

export interface DebianTree {
  /** Root of the unpacked packages. */
  readonly dir: string;
  readonly packages: readonly UsedPackage[];
}

export async function debianTree(
  set: PackageSet,
  platform: Platform,
  options: DebianOptions = {},
): Promise<DebianTree> {
  const packages = await debianPackages(set, platform, options);
  const dir = join(options.cache ?? cacheRoot(), "debian", platform.dir, "trees", packagesHash(packages));
  if (existsSync(dir)) await markUsed(dir);
  else await unpack(await debFiles(packages, platform, options), dir, options.signal);
  return { dir, packages };
}

async function unpack(debs: readonly string[], dir: string, signal?: AbortSignal): Promise<void> {
  const staged = await stage(dir);
  try {
    const tree = join(staged, "tree");
    await mkdir(tree);
    for (const deb of debs) {
      await runCommand(["dpkg-deb", "--extract", deb, tree], {
        what: `unpacking ${deb}`,
        ...(signal === undefined ? {} : { signal }),
      });
    }
    // The packages bring dates of their own.
    await markUsed(tree);
    await rename(tree, dir).catch((err: unknown) => {
      // Another build was faster with the same packages.
      if (errno(err) !== "ENOTEMPTY" && errno(err) !== "EEXIST") throw err;
    });
    await pruneEntries(dirname(dir));
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}
