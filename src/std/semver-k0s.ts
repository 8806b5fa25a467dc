// Orders k0s versions (`v1.37.2+k0s.0`): semver ignores build metadata, and k0s releases may differ in that alone.

import { compare, parse } from "semver";

/** Negative if `a` is older than `b`, 0 if equal, positive if newer. Throws when either is not a version. */
export function compareK0sVersions(a: string, b: string): number {
  const [left, right] = [versionOf(a), versionOf(b)];
  return compare(left.version, right.version) || compareBuild(left.build, right.build);
}

/** True if `text` is a version, with or without the leading `v`. */
export function isK0sVersion(text: string): boolean {
  return parse(text) !== null;
}

/** `1.37` of `v1.37.2+k0s.0`: the part that names objects of one Kubernetes minor release. */
export function kubernetesMinor(text: string): string {
  const { major, minor } = versionOf(text);
  return `${major}.${minor}`;
}

function versionOf(text: string) {
  const version = parse(text);
  if (version === null) throw new Error(`invalid version ${JSON.stringify(text)}`);
  return version;
}

/** Numbers as numbers and before words; the longer list is the newer one when all else is equal. */
function compareBuild(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [left, right] = [a[index], b[index]];
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    const order = compareIdentifiers(left, right);
    if (order !== 0) return order;
  }
  return 0;
}

function compareIdentifiers(a: string, b: string): number {
  const [numericA, numericB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (numericA && numericB) return Number(a) - Number(b);
  if (numericA !== numericB) return numericA ? -1 : 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
