// Debian packages for any architecture, unpacked into the build cache with apt's own verification of signatures and sums.
// apt works on folders of ours: neither the host's package database nor its architectures are touched.

import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { errno, UserError } from "../../src/std/errors.ts";
import { sha256 } from "../components/content-hash.ts";
import { stage } from "../components/store.ts";
import type { Platform } from "../platform.ts";
import { runCommand } from "../run-command.ts";

const packagesSchema = z.array(
  z.object({ name: z.string(), version: z.string(), fileName: z.string(), sha256: z.string() }),
);

export type DebianPackage = z.output<typeof packagesSchema>[number];

export interface DebianRoot {
  /** The packages' files, as in a Debian root. */
  readonly dir: string;
  readonly packages: readonly DebianPackage[];
}

interface Apt {
  readonly dir: string;
  readonly options: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * The packages and all that they depend on, in the versions of Debian's archive when they were first asked for: what is
 * unpacked in the cache stays in use, so that later builds need neither apt nor the network.
 */
export async function debianRoot(
  names: readonly string[],
  platform: Platform,
  cache: string,
  signal: AbortSignal,
): Promise<DebianRoot> {
  const store = join(cache, "debian", platform.dir, "roots");
  const dir = join(store, sha256(JSON.stringify([1, names.toSorted()])).slice(0, 32));
  await once(dir, async () => {
    if (existsSync(dir)) return;
    const apt = await aptFor(platform, cache, signal);
    try {
      await unpackPackages(apt, await resolvePackages(apt, names), dir);
    } catch (err) {
      signal.throwIfAborted();
      if (!(err instanceof UserError)) throw err;
      // Debian keeps only the newest version of a package: the list may name one that is gone.
      await refresh(apt);
      await unpackPackages(apt, await resolvePackages(apt, names), dir);
    }
  });
  const packages = packagesSchema.parse(JSON.parse(await readFile(join(dir, "packages.json"), "utf8")));
  return { dir: join(dir, "root"), packages };
}

const unpacking = new Map<string, Promise<void>>();

/** Images that are built at the same time want the same packages. */
function once(key: string, task: () => Promise<void>): Promise<void> {
  const running = unpacking.get(key) ?? task();
  unpacking.set(key, running);
  return running;
}

async function aptFor(platform: Platform, cache: string, signal: AbortSignal): Promise<Apt> {
  const dir = join(cache, "debian", platform.dir, "apt");
  await mkdir(join(dir, "lists/partial"), { recursive: true });
  await mkdir(join(dir, "archives/partial"), { recursive: true });
  // An empty database: everything counts as not installed, so that the whole closure is named.
  await writeFile(join(dir, "status"), "");
  const settings = {
    "APT::Architecture": platform.arch,
    "APT::Architectures": platform.arch,
    "APT::Install-Recommends": "false",
    "APT::Sandbox::User": "root",
    "Dir::State": dir,
    "Dir::State::lists": join(dir, "lists"),
    "Dir::State::status": join(dir, "status"),
    "Dir::Cache": dir,
    "Dir::Cache::archives": join(dir, "archives"),
    "Debug::NoLocking": "true",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const apt = { dir, options, signal };
  const lists = await readdir(join(dir, "lists"));
  if (!lists.some((name) => name.endsWith("_Packages") || name.endsWith("_Packages.lz4"))) await refresh(apt);
  return apt;
}

async function refresh({ options, signal }: Apt): Promise<void> {
  await runCommand(["apt-get", ...options, "-qq", "update"], {
    what: "reading the list of Debian packages",
    signal,
    hint: () => "Check that apt-get update works on this machine, and run the same command again.",
  });
}

async function resolvePackages(apt: Apt, names: readonly string[]): Promise<DebianPackage[]> {
  const { options, signal } = apt;
  const text = await runCommand(
    ["apt-get", ...options, "install", "-y", "-qq", "--no-install-recommends", "--print-uris", ...names],
    { what: `resolving the Debian packages ${names.join(" ")}`, signal },
  );
  // Lines of archives that sign their lists differently have no sum at the end.
  const files = [...text.matchAll(/^'[^']+' (\S+) \d+ ?\S*$/gm)].map((match) => match[1] ?? "");
  return describePackages(apt, files);
}

/** apt prints `NAME_VERSION_ARCH.deb`; the SHA-256 is in its lists. */
async function describePackages(
  { options, signal }: Apt,
  files: readonly string[],
): Promise<DebianPackage[]> {
  const wanted = files.map((fileName) => {
    const [name = "", version = ""] = fileName.split("_");
    return { name, version: decodeURIComponent(version), fileName };
  });
  const versions = wanted.map(({ name, version }) => `${name}=${version}`);
  const text = await runCommand(["apt-cache", ...options, "show", ...versions], {
    what: "looking at Debian packages",
    signal,
  });
  const field = (record: string, name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(record)?.[1];
  const sums = new Map(
    text
      .split("\n\n")
      .map((record) => [`${field(record, "Package")}=${field(record, "Version")}`, field(record, "SHA256")]),
  );
  const packages = wanted.map((entry) => {
    const sum = sums.get(`${entry.name}=${entry.version}`);
    if (sum === undefined)
      throw new UserError(`Debian's list has no SHA-256 for ${entry.name} ${entry.version}`);
    return { ...entry, sha256: sum };
  });
  return packages.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function unpackPackages(apt: Apt, packages: readonly DebianPackage[], dir: string): Promise<void> {
  const { options, signal } = apt;
  const staged = await stage(dir);
  const scratch = await mkdtemp(join(apt.dir, "download-"));
  try {
    const wanted = packages.map((entry) => `${entry.name}=${entry.version}`);
    await runCommand(["apt-get", ...options, "download", "-qq", ...wanted], {
      what: `downloading ${packages.length} Debian packages`,
      cwd: scratch,
      signal,
    });
    await mkdir(join(staged, "root"));
    for (const file of (await readdir(scratch)).sort()) {
      const data = await readFile(join(scratch, file));
      if (!packages.some((entry) => entry.sha256 === sha256(data))) {
        throw new UserError(`the downloaded package ${file} is not the one that Debian's list names`);
      }
      await runCommand(["dpkg-deb", "--extract", join(scratch, file), join(staged, "root")], {
        what: `unpacking ${file}`,
        signal,
      });
    }
    await writeFile(join(staged, "packages.json"), `${JSON.stringify(packages, undefined, 2)}\n`);
    await publish(staged, dir);
  } finally {
    await rm(scratch, { recursive: true, force: true });
    await rm(staged, { recursive: true, force: true });
  }
}

async function publish(staged: string, dir: string): Promise<void> {
  try {
    await rename(staged, dir);
  } catch (err) {
    // Another build was faster with the same packages.
    if (errno(err) !== "ENOTEMPTY" && errno(err) !== "EEXIST") throw err;
  }
}
