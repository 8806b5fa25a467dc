// One control group a machine in every hierarchy of the host, cgroup v1, v2 or both. docs/adr/0009-sandboxes.md.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { removeEmptyDirectorySync } from "../os/removal.ts";
import { errno } from "../std/errors.ts";
import { isName } from "./sandbox-name.ts";

export interface Hierarchy {
  readonly version: 1 | 2;
  /** Where the host has it mounted. */
  readonly mountPoint: string;
  /** Mount options that select it: `cpu`, `cpu,cpuacct`, `none,name=systemd`; empty for v2. */
  readonly options: string;
  /** Path below /sys/fs/cgroup inside a machine; empty when v2 is the only one. */
  readonly folder: string;
}

/** In v2 a group with members cannot hand controllers to its children, so the members live one level below. */
const memberLeaf = "init";
const groupPrefix = "k0s-sandbox.";

/** Hierarchies as /proc/self/mountinfo lists them. */
export function parseHierarchies(mountInfo: string): Hierarchy[] {
  const found: Hierarchy[] = [];
  for (const line of mountInfo.split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    const mountPoint = before.split(" ")[4] ?? "";
    const [type, , superOptions = ""] = after.split(" ");
    if (!mountPoint.startsWith("/sys/fs/cgroup") || found.some((one) => one.mountPoint === mountPoint))
      continue;
    const folder = mountPoint.slice("/sys/fs/cgroup/".length);
    if (type === "cgroup2") found.push({ version: 2, mountPoint, options: "", folder });
    if (type === "cgroup") found.push({ version: 1, mountPoint, options: v1Options(superOptions), folder });
  }
  return found;
}

function v1Options(superOptions: string): string {
  const names = superOptions
    .split(",")
    .filter((name) => !["rw", "ro", "xattr", "clone_children", "noprefix"].includes(name));
  const wanted = names.filter((name) => !name.startsWith("release_agent="));
  return wanted.some((name) => name.startsWith("name=")) ? ["none", ...wanted].join(",") : wanted.join(",");
}

export function hostHierarchies(): Hierarchy[] {
  return parseHierarchies(readFileSync("/proc/self/mountinfo", "utf8"));
}

export function groupName(sandbox: string, machine: string): string {
  return `${groupPrefix}${sandbox}.${machine}`;
}

/** The group of the process that holds a sandbox's network; no machine can have this name. */
export function networkGroup(sandbox: string): string {
  return groupName(sandbox, "_network");
}

/** The sandbox that a group belongs to; undefined for a group that no sandbox can have made. */
export function sandboxOfGroup(group: string): string | undefined {
  const [prefix, sandbox = "", machine, ...rest] = group.split(".");
  if (`${prefix}.` !== groupPrefix || machine === undefined || rest.length > 0) return undefined;
  return isName(sandbox) && (isName(machine) || group === networkGroup(sandbox)) ? sandbox : undefined;
}

/** Makes the group in every hierarchy; existing ones are kept. */
export function createGroups(hierarchies: readonly Hierarchy[], group: string): void {
  for (const hierarchy of hierarchies) {
    const { version, mountPoint } = hierarchy;
    const dir = join(mountPoint, group);
    if (version === 2) {
      if (isOnly(hierarchy)) enableControllers(mountPoint);
      mkdirSync(join(dir, memberLeaf), { recursive: true });
      continue;
    }
    mkdirSync(dir, { recursive: true });
    if (!existsSync(join(dir, "cpuset.cpus"))) continue;
    // A v1 cpuset starts empty, and nothing may enter an empty one.
    for (const file of ["cpuset.cpus", "cpuset.mems"])
      writeFileSync(join(dir, file), readFileSync(join(mountPoint, file)));
    writeFileSync(join(dir, "cgroup.clone_children"), "1");
  }
}

/** Moves the calling process to the top of the group: what `unshare` of the cgroup namespace then calls its root. */
export function enterGroups(hierarchies: readonly Hierarchy[], group: string): void {
  for (const { mountPoint } of hierarchies) writeFileSync(join(mountPoint, group, "cgroup.procs"), "0");
}

/** The v2 part that comes after `unshare`: members move down, controllers are handed to the children. */
export function settleGroups(hierarchies: readonly Hierarchy[], group: string): void {
  for (const hierarchy of hierarchies) {
    if (hierarchy.version !== 2) continue;
    writeFileSync(join(hierarchy.mountPoint, group, memberLeaf, "cgroup.procs"), "0");
    if (isOnly(hierarchy)) enableControllers(join(hierarchy.mountPoint, group));
  }
}

/** Beside v1 hierarchies the unified one is only a tree of names, and the host's stays as it is. */
function isOnly(hierarchy: Hierarchy): boolean {
  return hierarchy.folder === "";
}

/** Where the machine's members are, a folder for each hierarchy. */
export function groupFolders(hierarchies: readonly Hierarchy[], group: string): string[] {
  return hierarchies.map(({ version, mountPoint }) =>
    join(mountPoint, group, version === 2 ? memberLeaf : ""),
  );
}

/** Moves the calling process to where the machine's members are. */
export function joinGroups(hierarchies: readonly Hierarchy[], group: string): void {
  for (const folder of groupFolders(hierarchies, group)) writeFileSync(join(folder, "cgroup.procs"), "0");
}

/** Moves the calling process out of every group of its own, to where its parent process is. */
export function leaveGroups(hierarchies: readonly Hierarchy[]): void {
  const parent = parseGroups(readFileSync(`/proc/${process.ppid}/cgroup`, "utf8"));
  for (const hierarchy of hierarchies) {
    // Where a process is, another one may go. A parent outside of our namespace has a path that leads out of it.
    const path = parent.get(sorted(hierarchy.options)) ?? "/";
    const dir = path.startsWith("/..") ? hierarchy.mountPoint : join(hierarchy.mountPoint, path);
    writeFileSync(join(dir, "cgroup.procs"), "0");
  }
}

/** /proc/PID/cgroup: the path in each hierarchy, by the sorted mount options that select it. */
export function parseGroups(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const [, controllers = "", ...path] = line.split(":");
      return [sorted(controllers.startsWith("name=") ? `none,${controllers}` : controllers), path.join(":")];
    }),
  );
}

/** The kernel lists the controllers of a hierarchy in one order here and in another one there. */
function sorted(controllers: string): string {
  return controllers.split(",").toSorted().join(",");
}

/** What a kubelet asks for. A host with systemd has handed most of them to the first level already. */
const neededControllers = ["cpuset", "cpu", "io", "memory", "hugetlb", "pids"];

function enableControllers(dir: string): void {
  const words = (name: string): string[] => readFileSync(join(dir, name), "utf8").trim().split(" ");
  const [available, enabled] = [words("cgroup.controllers"), words("cgroup.subtree_control")];
  // One write each: a single refused controller must not take the others with it.
  for (const name of neededControllers) {
    if (!available.includes(name) || enabled.includes(name)) continue;
    try {
      writeFileSync(join(dir, "cgroup.subtree_control"), `+${name}`);
    } catch (err) {
      if (!["EBUSY", "EINVAL", "ENOENT", "EOPNOTSUPP"].includes(errno(err) ?? "")) throw err;
    }
  }
}

/** Groups of sandboxes that exist in any hierarchy. Only root can make a group there: they prove what is in them. */
export function listGroups(hierarchies: readonly Hierarchy[]): string[] {
  const names = hierarchies.flatMap(({ mountPoint }) =>
    readdirSync(mountPoint).filter((name) => sandboxOfGroup(name) !== undefined),
  );
  return [...new Set(names)];
}

/** Processes in the group and below, as the host numbers them. */
export function groupMembers(hierarchies: readonly Hierarchy[], group: string): number[] {
  const pids = hierarchies.flatMap(({ mountPoint }) => groupTree(join(mountPoint, group)).flatMap(membersOf));
  return [...new Set(pids)];
}

/** Removes what is empty; true when nothing of the group is left. */
export function removeGroups(hierarchies: readonly Hierarchy[], group: string): boolean {
  let gone = true;
  for (const { mountPoint } of hierarchies) {
    for (const dir of groupTree(join(mountPoint, group))) {
      try {
        removeEmptyDirectorySync(dir);
      } catch (err) {
        if (errno(err) === "EBUSY" || errno(err) === "ENOTEMPTY") gone = false;
        else if (errno(err) !== "ENOENT") throw err;
      }
    }
  }
  return gone;
}

/** The directories of a group, deepest first. */
function groupTree(dir: string): string[] {
  let names: string[];
  try {
    names = readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch (err) {
    if (errno(err) === "ENOENT" || errno(err) === "ENODEV") return [];
    throw err;
  }
  return [...names.flatMap((name) => groupTree(join(dir, name))), dir];
}

function membersOf(dir: string): number[] {
  try {
    return readFileSync(join(dir, "cgroup.procs"), "utf8")
      .split("\n")
      .map(Number)
      .filter((pid) => pid > 0);
  } catch (err) {
    if (["ENOENT", "ENODEV", "EOPNOTSUPP"].includes(errno(err) ?? "")) return [];
    throw err;
  }
}
