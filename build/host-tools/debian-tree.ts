// Debian packages of any architecture, unpacked into a folder of the cache; nothing is installed on the build host.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { errno, UserError } from "../../src/std/errors.ts";
import { cacheRoot } from "../cache-root.ts";
import { sha256 } from "../components/content-hash.ts";
import type { Platform } from "../platform.ts";
import { runCommand } from "../run-command.ts";

export interface DebianPackageVersion {
  readonly name: string;
  readonly version: string;
}

export interface DebianTree {
  /** Root of the unpacked packages. */
  readonly dir: string;
  readonly packages: readonly DebianPackageVersion[];
}

const packagesFile = "packages.json";
const packagesSchema = z.array(z.object({ name: z.string(), version: z.string() }));

/** Downloaded once for a list of packages; remove the folder from the cache to get newer versions. */
export async function debianTree(
  packages: readonly string[],
  platform: Platform,
  options: { signal?: AbortSignal; cache?: string } = {},
): Promise<DebianTree> {
  const parent = join(options.cache ?? cacheRoot(), "debian", platform.dir);
  const dir = join(parent, sha256(JSON.stringify([...packages].sort())).slice(0, 16));
  if (!existsSync(join(dir, packagesFile))) await download(packages, platform, parent, dir, options.signal);
  return { dir, packages: packagesSchema.parse(await Bun.file(join(dir, packagesFile)).json()) };
}

async function download(
  packages: readonly string[],
  platform: Platform,
  parent: string,
  dir: string,
  signal?: AbortSignal,
): Promise<void> {
  await mkdir(parent, { recursive: true });
  const work = await mkdtemp(join(parent, `.${process.pid}-`));
  const aborted = signal === undefined ? {} : { signal };
  try {
    const debs = join(work, "debs");
    const tree = join(work, "tree");
    for (const folder of [debs, tree, join(work, "state", "lists", "partial"), join(work, "cache")]) {
      await mkdir(folder, { recursive: true });
    }
    await writeFile(join(work, "status"), "");
    const apt = ["apt-get", "-qq", ...aptOptions(work, platform)] as const;
    const hint = (): string => "The build needs Debian's package sources (apt) and the network, once.";
    await runCommand([...apt, "update"], {
      what: `reading Debian's package list for ${platform.id}`,
      hint,
      ...aborted,
    });
    const what = `downloading ${packages.length} Debian packages for ${platform.id}`;
    await runCommand([...apt, "download", ...packages], { what, cwd: debs, hint, ...aborted });
    const found: DebianPackageVersion[] = [];
    for (const deb of (await readdir(debs)).sort()) {
      await runCommand(["dpkg-deb", "-x", join(debs, deb), tree], { what: `unpacking ${deb}`, ...aborted });
      found.push(packageOf(deb));
    }
    await writeFile(join(tree, packagesFile), JSON.stringify(found, undefined, 2));
    await rename(tree, dir).catch((err: unknown) => {
      // Another build was faster.
      if (errno(err) !== "ENOTEMPTY" && errno(err) !== "EEXIST") throw err;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** apt with a state of its own: the lists and the set of architectures of the host stay as they are. */
function aptOptions(work: string, platform: Platform): readonly string[] {
  return [
    `Dir::State=${join(work, "state")}`,
    `Dir::State::lists=${join(work, "state", "lists")}`,
    `Dir::State::status=${join(work, "status")}`,
    `Dir::Cache=${join(work, "cache")}`,
    `APT::Architecture=${platform.arch}`,
    `APT::Architectures=${platform.arch}`,
    "APT::Sandbox::User=root",
    "Acquire::Languages=none",
  ].flatMap((option) => ["-o", option]);
}

/** `libc6_2.36-9+deb12u14_amd64.deb`; apt writes a colon of the version as %3a. */
function packageOf(deb: string): DebianPackageVersion {
  const [name, version] = deb.split("_");
  if (name === undefined || version === undefined)
    throw new UserError(`${deb} is not named like a Debian package`);
  return { name, version: decodeURIComponent(version) };
}
