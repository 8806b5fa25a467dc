// The part of `make check` on Debian packages: the lock fits the recipes, and Debian still has what it names.

import { hostPlatform, parsePlatform } from "../platform.ts";
import { type DebianOptions, listsGoodForMs, openApt } from "./debian-packages.ts";
import { type DebianLock, readLock, renewHint } from "./lock.ts";
import { compareWithArchive, type DebianPackage, setKey } from "./package-set.ts";
import { packageSets } from "./sets.ts";
import { errorMessage } from "../../src/std/errors.ts";

/** What is wrong with the lock, or undefined. */
export async function debianLockProblem(): Promise<string | undefined> {
  const lock = await readLock();
  const problems = [...unlikeRecipes(lock), ...(await goneFromDebian(lock, {}))];
  return problems.length === 0 ? undefined : [...problems, renewHint].join("\n");
}

function unlikeRecipes(lock: DebianLock): readonly string[] {
  return (["amd64", "arm64"] as const).flatMap((arch) => {
    const wanted = packageSets(parsePlatform(arch)).map(setKey);
    const { sets, packages } = lock[arch];
    const used = new Set(Object.values(sets).flat());
    return [
      ...wanted.filter((key) => !(key in sets)).map((key) => `${arch}: the lock lacks the set "${key}"`),
      ...Object.keys(sets)
        .filter((key) => !wanted.includes(key))
        .map((key) => `${arch}: nothing is made of the set "${key}"`),
      ...[...used].filter((name) => !(name in packages)).map((name) => `${arch}: the lock lacks ${name}`),
      ...Object.keys(packages)
        .filter((name) => !used.has(name))
        .map((name) => `${arch}: no set has ${name}`),
    ];
  });
}

/**
 * Packages that a fresh build could not get any more. Debian's lists are read when those of the cache are older than a
 * day; without a network the older ones decide.
 */
export async function goneFromDebian(lock: DebianLock, options: DebianOptions): Promise<readonly string[]> {
  const platform = hostPlatform();
  const apt = await openApt(platform, lock.release, options);
  const readAt = await apt.listsReadAt();
  if (Date.now() - readAt > listsGoodForMs) {
    try {
      await apt.readLists();
    } catch (err) {
      const say = options.warn ?? ((line: string) => console.error(line));
      say(`Debian's lists could not be read, so the lock was not compared with them: ${errorMessage(err)}`);
      if (readAt === 0) return [];
    }
  }
  const locked: readonly DebianPackage[] = Object.entries(lock[platform.arch].packages).map(
    ([name, entry]) => ({
      name,
      ...entry,
    }),
  );
  const names = locked.map(({ name }) => name);
  const archive = await apt.versions(names);
  const { gone } = compareWithArchive(locked, archive);
  if (gone.length === 0) return [];
  return gone.map(({ name, version }) => {
    const there = archive.filter((entry) => entry.name === name).map((entry) => entry.version);
    return `Debian no longer has ${name} ${version}, but ${there.join(", ") || "none"}`;
  });
}
