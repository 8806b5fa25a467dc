// How many seconds of processors a test file takes: its own processes, in a control group that is made for it, and those of the
// machines that they make, which have groups of their own. What minutes on a busy host do not tell.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { removeEmptyDirectorySync } from "../../src/os/removal.ts";
import { type Hierarchy, hostHierarchies, parseGroups, sandboxOfGroup } from "../../src/sandbox/cgroups.ts";
import { errno, isNotFound } from "../../src/std/errors.ts";

const prefix = "k0s-test.";
const lookEveryMs = 1_000;

/** Where this host counts processor time by group; undefined if it does not. */
export function countingHierarchy(hierarchies: readonly Hierarchy[]): Hierarchy | undefined {
  const counts = ({ options }: Hierarchy): boolean => options.split(",").includes("cpuacct");
  return (
    hierarchies.find(counts) ?? hierarchies.find(({ folder, version }) => version === 2 && folder === "")
  );
}

/** The process that has made the sandbox of a group, by its name: `t-4711-…`. */
export function makerOf(group: string): number | undefined {
  const pid = /^[a-z]+-(\d+)(?:-|$)/.exec(sandboxOfGroup(group) ?? "")?.[1];
  return pid === undefined ? undefined : Number(pid);
}

export interface Account {
  /** The process is counted from now on, with all that it starts. */
  enter(pid: number): void;
  /** Seconds until now; nothing is counted any more. */
  close(): number;
}

/** Undefined where nobody can count. */
export function openAccounts(): ((name: string) => Account) | undefined {
  const hierarchy = countingHierarchy(hostHierarchies());
  if (hierarchy === undefined || process.getuid?.() !== 0) return undefined;
  return (name) => openAccount(hierarchy, `${prefix}${process.pid}.${name.replaceAll("/", "-")}`);
}

/** A machine's group goes with it, so it is looked at while it is there: what it uses in its last second is not known. */
function openAccount(hierarchy: Hierarchy, group: string): Account {
  const { mountPoint } = hierarchy;
  const dir = join(mountPoint, group);
  mkdirSync(dir);
  const machines = new Map<string, { readonly own: boolean; seconds: number }>();
  const look = (): void => {
    for (const name of readdirSync(mountPoint)) {
      const maker = makerOf(name);
      if (maker === undefined) continue;
      const known = machines.get(name) ?? { own: isIn(maker, hierarchy, group), seconds: 0 };
      if (known.own) known.seconds = Math.max(known.seconds, secondsOf(hierarchy, name));
      machines.set(name, known);
    }
  };
  const timer = setInterval(look, lookEveryMs);
  return {
    enter: (pid) => writeFileSync(join(dir, "cgroup.procs"), String(pid)),
    close: () => {
      clearInterval(timer);
      look();
      const total = [...machines.values()].reduce(
        (sum, { seconds }) => sum + seconds,
        secondsOf(hierarchy, group),
      );
      removeIfEmpty(dir);
      return total;
    },
  };
}

function isIn(pid: number, { options }: Hierarchy, group: string): boolean {
  const groups = parseGroups(readIfThere(`/proc/${pid}/cgroup`));
  return groups.get(options.split(",").toSorted().join(",")) === `/${group}`;
}

function secondsOf({ version, mountPoint }: Hierarchy, group: string): number {
  if (version === 1) return Number(readIfThere(join(mountPoint, group, "cpuacct.usage"))) / 1e9;
  return Number(/^usage_usec (\d+)$/m.exec(readIfThere(join(mountPoint, group, "cpu.stat")))?.[1] ?? 0) / 1e6;
}

/** A machine or a process may go at any moment. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (err) {
    if (isNotFound(err) || ["ENODEV", "ESRCH"].includes(errno(err) ?? "")) return "";
    throw err;
  }
}

/** What a test has left running keeps the group: it is not ours to end. */
function removeIfEmpty(dir: string): void {
  try {
    removeEmptyDirectorySync(dir);
  } catch (err) {
    if (errno(err) !== "EBUSY") throw err;
  }
}
