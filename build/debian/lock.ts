// The lock of Debian packages: for each architecture the sets that something is made of, and version and SHA-256 of every
// package. It names no place to get them from: that is what apt on the build host is configured for. docs/adr/0040.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { errorMessage, UserError } from "../../src/std/errors.ts";
import type { Platform } from "../platform.ts";
import { type DebianPackage, type PackageSet, setKey } from "./package-set.ts";

const sum = z.string().regex(/^[0-9a-f]{64}$/);
const architecture = z.strictObject({
  sets: z.record(z.string(), z.array(z.string())),
  packages: z.record(z.string(), z.strictObject({ version: z.string(), sha256: sum })),
});
const schema = z.strictObject({
  /** Debian's code name. */
  release: z.string().regex(/^[a-z]+$/),
  amd64: architecture,
  arm64: architecture,
});

export type DebianLock = z.output<typeof schema>;
export type ArchitectureLock = DebianLock["amd64"];

export const lockPath = join(import.meta.dir, "packages.lock.json");
export const renewHint = "Renew the lock and look at what changes: make update-debian";

export async function readLock(path = lockPath): Promise<DebianLock> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (err) {
    throw new UserError(`${path} cannot be read: ${errorMessage(err)}`, { hint: renewHint, cause: err });
  }
}

/** The packages of a set, as locked; sorted by name. */
export function lockedPackages(
  lock: DebianLock,
  { arch }: Pick<Platform, "arch">,
  set: PackageSet,
): readonly DebianPackage[] {
  const { sets, packages } = lock[arch];
  const names = sets[setKey(set)];
  if (names === undefined) {
    throw new UserError(`the lock of Debian packages does not know the set "${setKey(set)}" of ${arch}`, {
      hint: renewHint,
      code: "not-locked",
    });
  }
  return names.map((name) => {
    const found = packages[name];
    if (found === undefined)
      throw new UserError(`the lock of Debian packages lacks ${name}`, { hint: renewHint });
    return { name, ...found };
  });
}

/** As text: one line a package, so that a difference can be read. */
export function formatLock(lock: DebianLock): string {
  const arch = ({ sets, packages }: ArchitectureLock): string => {
    const line = (value: unknown, key: string): string =>
      `      ${JSON.stringify(key)}: ${JSON.stringify(value)}`;
    const lines = (values: Readonly<Record<string, unknown>>): string =>
      Object.keys(values)
        .toSorted()
        .map((key) => line(values[key], key))
        .join(",\n");
    return `{\n    "sets": {\n${lines(sets)}\n    },\n    "packages": {\n${lines(packages)}\n    }\n  }`;
  };
  return `{
  "release": ${JSON.stringify(lock.release)},
  "amd64": ${arch(lock.amd64)},
  "arm64": ${arch(lock.arm64)}
}
`;
}

export interface LockChange {
  readonly name: string;
  readonly old?: string;
  readonly new?: string;
}

/** What differs between two locks of an architecture, by package. */
export function lockChanges(before: ArchitectureLock, after: ArchitectureLock): readonly LockChange[] {
  const names = new Set([...Object.keys(before.packages), ...Object.keys(after.packages)]);
  return [...names].toSorted().flatMap((name) => {
    const [old, now] = [before.packages[name], after.packages[name]];
    if (old?.version === now?.version && old?.sha256 === now?.sha256) return [];
    return [
      {
        name,
        ...(old === undefined ? {} : { old: old.version }),
        ...(now === undefined ? {} : { new: now.version }),
      },
    ];
  });
}
