// The files of Debian packages in the build cache: those of the lock, or, where Debian has them no more, the newest, with
// a warning. What was decided and downloaded once is used again without apt and network. docs/adr/0040.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../../src/std/errors.ts";
import { cacheRoot } from "../cache-root.ts";
import { hashFile } from "../components/hash-file.ts";
import type { Platform } from "../platform.ts";
import { markUsed, pruneFiles } from "../prune-unused.ts";
import { Apt } from "./apt.ts";
import { type DebianLock, lockedPackages, readLock, renewHint } from "./lock.ts";
import {
  compareWithArchive,
  type DebianPackage,
  describeDeviations,
  markDeviations,
  type PackageSet,
  packagesHash,
  type UsedPackage,
} from "./package-set.ts";
import { partialName } from "../partial-name.ts";

export interface DebianOptions {
  readonly signal?: AbortSignal;
  /** Default: the user's cache. */
  readonly cache?: string;
  /** Default: the repository's. */
  readonly lock?: DebianLock;
  /** Default: standard error. */
  readonly warn?: (line: string) => void;
  /** A sources.list in place of the host's, for tests. */
  readonly sources?: string;
}

/** Lists that are older are read again before they decide anything. */
export const listsGoodForMs = 24 * 3_600_000;
const justReadMs = 600_000;

const decisionSchema = z.object({
  /** The lists that it was made by; a decision for the lock's own packages holds whatever the lists say later. */
  lists: z.number().optional(),
  packages: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      sha256: z.string(),
      deviation: z.exactOptional(z.object({ locked: z.exactOptional(z.string()) })),
    }),
  ),
});

const inProgress = new Map<string, Promise<readonly UsedPackage[]>>();

/** The packages of a set. Images that are built at the same time ask for the same ones: that is decided once. */
export async function debianPackages(
  set: PackageSet,
  platform: Platform,
  options: DebianOptions = {},
): Promise<readonly UsedPackage[]> {
  const lock = options.lock ?? (await readLock());
  const locked = lockedPackages(lock, platform, set);
  const store = storeOf(platform, options);
  const key = `${store} ${packagesHash(locked)}`;
  const running = inProgress.get(key);
  if (running !== undefined) return running;
  const deciding = decide(set, locked, lock, platform, options).finally(() => inProgress.delete(key));
  inProgress.set(key, deciding);
  return deciding;
}

/** The .deb files of packages; downloads what is not there. */
export async function debFiles(
  packages: readonly DebianPackage[],
  platform: Platform,
  options: DebianOptions = {},
): Promise<readonly string[]> {
  const folder = join(options.cache ?? cacheRoot(), "debian", "debs");
  const pathOf = ({ sha256 }: DebianPackage): string => join(folder, `${sha256}.deb`);
  const missing = packages.filter((entry) => !existsSync(pathOf(entry)));
  if (missing.length > 0) {
    const release = (options.lock ?? (await readLock())).release;
    await download(await openApt(platform, release, options), missing, folder);
    await pruneFiles(folder);
  }
  const paths = packages.map(pathOf);
  for (const path of paths) await markUsed(path);
  return paths;
}

export function openApt(platform: Platform, release: string, options: DebianOptions): Promise<Apt> {
  const { signal, sources } = options;
  return Apt.open({
    platform,
    release,
    dir: join(storeOf(platform, options), "apt"),
    ...(signal === undefined ? {} : { signal }),
    ...(sources === undefined ? {} : { sources }),
  });
}

async function decide(
  set: PackageSet,
  locked: readonly DebianPackage[],
  lock: DebianLock,
  platform: Platform,
  options: DebianOptions,
): Promise<readonly UsedPackage[]> {
  const folder = join(storeOf(platform, options), "decisions");
  const path = join(folder, `${packagesHash(locked)}.json`);
  const apt = await openApt(platform, lock.release, options);
  const known = existsSync(path) ? decisionSchema.parse(JSON.parse(await readFile(path, "utf8"))) : undefined;
  const now = Date.now();
  const valid =
    known !== undefined &&
    (known.lists === undefined ||
      (known.lists === (await apt.listsReadAt()) && now - known.lists < listsGoodForMs));
  if (valid) return warned(known.packages, options);
  const used = await decideByLists(apt, set, locked, (chosen) =>
    debFiles(chosen, platform, { ...options, lock }),
  );
  const deviates = used.some(({ deviation }) => deviation !== undefined);
  await mkdir(folder, { recursive: true });
  const text = JSON.stringify({ ...(deviates ? { lists: await apt.listsReadAt() } : {}), packages: used });
  const partial = partialName(path);
  await writeFile(partial, text);
  await rename(partial, path);
  return warned(used, options);
}

/** `fetch` gets the files: what is decided is there. Nothing is taken for gone by lists that are older than minutes. */
async function decideByLists(
  apt: Apt,
  set: PackageSet,
  locked: readonly DebianPackage[],
  fetch: (chosen: readonly DebianPackage[]) => Promise<unknown>,
): Promise<readonly UsedPackage[]> {
  if ((await apt.listsReadAt()) === 0) await apt.readLists();
  const isFresh = Date.now() - (await apt.listsReadAt()) < justReadMs;
  try {
    const archive = await apt.versions(locked.map(({ name }) => name));
    const { kept, gone } = compareWithArchive(locked, archive);
    if (gone.length === 0 || isFresh) {
      const chosen = gone.length === 0 ? locked : await newest(apt, set, kept);
      await fetch(chosen);
      return markDeviations(chosen, locked);
    }
  } catch (err) {
    // Old lists name files that Debian has no more.
    if (!(err instanceof UserError) || isFresh) throw err;
  }
  await apt.readLists();
  return decideByLists(apt, set, locked, fetch);
}

/** As few new versions as possible: the others only if apt cannot make a system of old and new ones. */
async function newest(
  apt: Apt,
  set: PackageSet,
  kept: readonly DebianPackage[],
): Promise<readonly DebianPackage[]> {
  try {
    return await apt.resolve(set, kept);
  } catch (err) {
    if (!(err instanceof UserError)) throw err;
    return apt.resolve(set);
  }
}

async function download(apt: Apt, packages: readonly DebianPackage[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  // Not below the folder: others that remove what is old there would take apt's dates for the age of our files.
  const scratch = await mkdtemp(`${folder}-${process.pid}-`);
  try {
    await apt.download(packages, scratch);
    for (const file of await readdir(scratch)) {
      const sum = await hashFile(join(scratch, file));
      if (!packages.some(({ sha256 }) => sha256 === sum)) {
        throw new UserError(
          `the downloaded package ${file} is not the one that was asked for: its SHA-256 is ${sum}`,
          {
            hint: "Do not go on before you know why.",
            code: "not-the-package",
          },
        );
      }
      await markUsed(join(scratch, file));
      await rename(join(scratch, file), join(folder, `${sum}.deb`));
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function warned(packages: readonly UsedPackage[], { warn }: DebianOptions): readonly UsedPackage[] {
  const deviations = describeDeviations(packages);
  if (deviations.length > 0) {
    const say = warn ?? ((line) => console.error(line));
    say(
      `Warning: Debian no longer has the tested version of ${deviations.length} packages; taken instead: ${deviations.join(", ")}`,
    );
    say(renewHint);
  }
  return packages;
}

function storeOf(platform: Platform, { cache }: DebianOptions): string {
  return join(cache ?? cacheRoot(), "debian", platform.dir);
}
