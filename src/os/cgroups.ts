// Which control groups this host has, version 2, version 1 or both at once, and our place in them.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readFileIfExists } from "./files.ts";
import { listMounts } from "./mounts.ts";
import type { Mount } from "./mounts.ts";

export interface CgroupHierarchy {
  /** Controllers of a version 1 hierarchy, e.g. `["cpu", "cpuacct"]`, or `["name=systemd"]`; empty for version 2. */
  readonly controllers: readonly string[];
  readonly mountPoint: string;
  /** Our own group in it, below the mount point, e.g. `/system.slice/k0scontroller.service`. */
  readonly ownPath: string;
}

export interface Cgroups {
  /** What container runtimes will use: 2 only where version 2 alone is mounted. */
  readonly version: 1 | 2;
  /** All controllers that can be used. */
  readonly controllers: ReadonlySet<string>;
  readonly hierarchies: readonly CgroupHierarchy[];
}

/** Undefined if no control groups are mounted. */
export async function detectCgroups(root = "/sys/fs/cgroup"): Promise<Cgroups | undefined> {
  const [mounts, own] = await Promise.all([listMounts(), readFile("/proc/self/cgroup", "utf8")]);
  const unified = mounts.findLast(({ target, type }) => target === root && type === "cgroup2");
  const available =
    unified === undefined ? undefined : await readFileIfExists(join(root, "cgroup.controllers"));
  return describeCgroups(mounts, own, available, root);
}

/** The pure part: from the mount table, /proc/self/cgroup and the root's cgroup.controllers. */
export function describeCgroups(
  mounts: readonly Mount[],
  ownGroups: string,
  unifiedControllers: string | undefined,
  root = "/sys/fs/cgroup",
): Cgroups | undefined {
  const below = mounts.filter(({ target }) => target === root || target.startsWith(`${root}/`));
  const own = parseOwnGroups(ownGroups);
  const hierarchies = below
    .filter(({ type }) => type === "cgroup" || type === "cgroup2")
    .flatMap((mount) => hierarchyOf(mount, own));
  if (hierarchies.length === 0) return undefined;
  const unified = below.findLast(({ target }) => target === root)?.type === "cgroup2";
  const controllers = unified
    ? (unifiedControllers ?? "").trim().split(/\s+/).filter(Boolean)
    : hierarchies.flatMap((hierarchy) => hierarchy.controllers).filter((name) => !name.startsWith("name="));
  return { version: unified ? 2 : 1, controllers: new Set(controllers), hierarchies };
}

/** By the controllers joined with commas, as /proc/self/cgroup lists them; version 2 has the empty name. */
function parseOwnGroups(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").flatMap((line): [string, string][] => {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    return match === null ? [] : [[match[1] ?? "", match[2] ?? "/"]];
  });
  return new Map(lines);
}

function hierarchyOf(mount: Mount, own: ReadonlyMap<string, string>): readonly CgroupHierarchy[] {
  if (mount.type === "cgroup2") {
    return [
      { controllers: [], mountPoint: mount.target, ownPath: relativeTo(mount.root, own.get("") ?? "/") },
    ];
  }
  const entry = [...own].find(
    ([names]) => names !== "" && names.split(",").every((name) => mount.superOptions.includes(name)),
  );
  if (entry === undefined) return [];
  const [names, path] = entry;
  return [{ controllers: names.split(","), mountPoint: mount.target, ownPath: relativeTo(mount.root, path) }];
}

/** In a container without a cgroup namespace the mount shows a part of the tree only. */
function relativeTo(root: string, path: string): string {
  if (root === "/" || !path.startsWith(root)) return path;
  return path.slice(root.length) || "/";
}
