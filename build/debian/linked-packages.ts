// The Debian packages that are linked statically into runc, kine and pause. They are installed on the build host, so
// it is looked at which versions are there.

import { hostPlatform, type Platform } from "../platform.ts";
import { runCommand } from "../run-command.ts";
import { lockedPackages, readLock } from "./lock.ts";
import type { PackageSet } from "./package-set.ts";

/** For programs of the platform that are built on it, and for those that are built on another one. */
export function linkedPackages({ arch }: Platform): {
  readonly native: PackageSet;
  readonly cross: PackageSet;
} {
  const set = (suffix: string): PackageSet => ({
    packages: [`libc6-dev${suffix}`, `libgcc-12-dev${suffix}`, "libseccomp-dev"],
    alone: true,
  });
  return { native: set(""), cross: set(`-${arch}-cross`) };
}

export interface LinkedPackage {
  readonly name: string;
  readonly version: string;
  /** Version of the lock, where the build host has another. */
  readonly locked?: string;
}

/** As installed. */
export async function installedLinkedPackages(
  platform: Platform,
  signal?: AbortSignal,
): Promise<readonly LinkedPackage[]> {
  const { native, cross } = linkedPackages(platform);
  const set = platform.id === hostPlatform().id ? native : cross;
  const locked = lockedPackages(await readLock(), platform, set);
  const names = locked.map(({ name }) => (name === "libseccomp-dev" ? `${name}:${platform.arch}` : name));
  const text = await runCommand(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", ...names], {
    what: "asking for the installed C libraries",
    ...(signal === undefined ? {} : { signal }),
  });
  const installed = new Map(
    text
      .trim()
      .split("\n")
      .map((line) => line.split(" ") as [string, string]),
  );
  return locked.flatMap(({ name, version: tested }) => {
    const version = installed.get(name);
    if (version === undefined) return [];
    return [version === tested ? { name, version } : { name, version, locked: tested }];
  });
}
