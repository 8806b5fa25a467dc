// The machine that figures were taken on, and what else it was doing: a table without these says little.

import { cpus, loadavg, totalmem } from "node:os";
import { readFile } from "node:fs/promises";
import { detectCgroups } from "../src/os/cgroups.ts";
import { listMounts } from "../src/os/mounts.ts";

export interface MachineFacts {
  readonly date: string;
  readonly cores: number;
  readonly processor: string;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly cgroupVersion: number | undefined;
  /** Of the disks that measurements write to. */
  readonly fileSystems: string;
  /** Processes that wanted a core before the first measurement: other work falsifies. */
  readonly load: number;
}

export async function machineFacts(): Promise<MachineFacts> {
  const mounts = await listMounts();
  const typeOf = (path: string): string => mounts.findLast(({ target }) => target === path)?.type ?? "";
  const root = typeOf("/");
  const temporary = typeOf("/tmp");
  return {
    date: new Date().toISOString().slice(0, 10),
    cores: cpus().length,
    processor: cpus()[0]?.model ?? "unknown",
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: (await readFile("/proc/sys/kernel/osrelease", "utf8")).trim(),
    cgroupVersion: (await detectCgroups())?.version,
    fileSystems: temporary === "" ? root : `${root}, /tmp on ${temporary}`,
    load: loadavg()[0] ?? 0,
  };
}

export function describeMachine(facts: MachineFacts): string {
  const { date, cores, processor, memoryGiB, kernel, cgroupVersion, fileSystems, load } = facts;
  return (
    `${date}: ${cores} cores (${processor}), ${memoryGiB} GiB, Linux ${kernel}, cgroup v${cgroupVersion ?? "?"}, ` +
    `${fileSystems}; load before: ${load.toFixed(1)}`
  );
}
