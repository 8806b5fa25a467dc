// Debian packages in a bill of materials: whose files are in the artefact, and what was linked into its programs.

import type { LinkedPackage } from "../debian/linked-packages.ts";
import type { UsedPackage } from "../debian/package-set.ts";
import { debianPackage } from "./packages.ts";
import type { SbomPackage } from "./spdx.ts";

/** Sorted by name, each package once; says of what is not in the lock that the tests did not run with it. */
export function debianSbom(
  used: readonly UsedPackage[],
  linked: readonly LinkedPackage[],
  arch: string,
): readonly SbomPackage[] {
  const packages = new Map<string, SbomPackage>();
  for (const { name, version, sha256, deviation } of used) {
    const comment = deviation === undefined ? {} : { comment: untested(deviation.locked) };
    packages.set(name, { ...debianPackage(name, version, arch), sha256, ...comment });
  }
  for (const { name, version, locked } of linked) {
    const comment = ["linked statically", ...(locked === undefined ? [] : [untested(locked)])].join("; ");
    packages.set(name, { ...debianPackage(name, version, arch), comment });
  }
  return [...packages.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function untested(locked: string | undefined): string {
  return `not the tested one, which is ${locked ?? "none: a new dependency"}`;
}
