// Sets of Debian packages that something is made of, and which packages of which versions a set means.

import { UserError } from "../../src/std/errors.ts";
import { sha256 } from "../components/content-hash.ts";

export interface PackageSet {
  readonly packages: readonly string[];
  /** Only these: what they depend on is not taken. */
  readonly alone?: true;
  /** With all that a minimal Debian system has: what is essential or required, and apt. */
  readonly system?: true;
}

/** One file of Debian's archive. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  /** Of the .deb file. */
  readonly sha256: string;
}

export interface UsedPackage extends DebianPackage {
  /** Present where it is not what the lock names, and the tests have run with. */
  readonly deviation?: {
    /** Version of the lock; absent for a dependency that is new. */
    readonly locked?: string;
  };
}

/** Name of the set in the lock: what is asked for, so that another recipe cannot pass as the same. */
export function setKey({ packages, alone, system }: PackageSet): string {
  const names = packages.toSorted().join(" ");
  return `${system === true ? "system with " : ""}${names}${alone === true ? " alone" : ""}`;
}

/** Names the bytes that are made of the packages. */
export function packagesHash(packages: readonly DebianPackage[]): string {
  const sums = packages
    .map((entry) => [entry.name, entry.version, entry.sha256])
    .toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1));
  return sha256(JSON.stringify(sums)).slice(0, 32);
}

export interface Availability {
  readonly kept: readonly DebianPackage[];
  readonly gone: readonly DebianPackage[];
}

/** Which of the locked packages Debian still has. The same version with another content is an error, never a choice. */
export function compareWithArchive(
  locked: readonly DebianPackage[],
  archive: readonly DebianPackage[],
): Availability {
  const kept: DebianPackage[] = [];
  const gone: DebianPackage[] = [];
  for (const wanted of locked) {
    const same = archive.filter((entry) => entry.name === wanted.name && entry.version === wanted.version);
    if (same.some((entry) => entry.sha256 === wanted.sha256)) kept.push(wanted);
    else if (same.length === 0) gone.push(wanted);
    else {
      throw new UserError(
        `Debian's list names another content for ${wanted.name} ${wanted.version} than the lock does`,
        {
          hint: "Versions do not change their content. Do not go on before you know why.",
          code: "not-the-package",
        },
      );
    }
  }
  return { kept, gone };
}

/** What was chosen, each compared with the lock. */
export function markDeviations(
  chosen: readonly DebianPackage[],
  locked: readonly DebianPackage[],
): readonly UsedPackage[] {
  return chosen.map((entry) => {
    const { name, version, sha256: sum } = entry;
    const known = locked.find((other) => other.name === name);
    if (known?.version === version && known.sha256 === sum) return { name, version, sha256: sum };
    return { name, version, sha256: sum, deviation: known === undefined ? {} : { locked: known.version } };
  });
}

/** For a warning: `curl 7.88.1-10+deb12u14 (tested: 7.88.1-10+deb12u12)`. */
export function describeDeviations(packages: readonly UsedPackage[]): readonly string[] {
  return packages.flatMap(({ name, version, deviation }) =>
    deviation === undefined ? [] : [`${name} ${version} (tested: ${deviation.locked ?? "none"})`],
  );
}
