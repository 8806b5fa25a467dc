// How much processor time the machine under measurement, and each of its processes, has used.

import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { readFileIfExists } from "../../src/os/files.ts";
import { errno, isNotFound } from "../../src/std/errors.ts";

export const ticksPerSecond = 100;

/** By the machine's control group: processes that have ended count, too. */
export async function cpuSeconds(): Promise<number> {
  const v1 = await readFileIfExists("/sys/fs/cgroup/cpuacct/cpuacct.usage");
  if (v1 !== undefined) return Number(v1) / 1e9;
  const v2 = await readFile("/sys/fs/cgroup/cpu.stat", "utf8");
  return Number(/^usage_usec (\d+)/m.exec(v2)?.[1]) / 1e6;
}

/** Numbers of all processes but the machine's first and this one. */
export async function otherProcesses(): Promise<readonly string[]> {
  const own = ["1", String(process.pid)];
  return (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && !own.includes(name));
}

/** Name and arguments of what a process runs; the name is empty for a process that is gone. */
export async function programOf(pid: string): Promise<{ name: string; args: readonly string[] }> {
  const [program = "", ...args] = (await textOf(pid, "cmdline")).split("\0").filter((word) => word !== "");
  return { name: basename(program), args };
}

/** Sums a figure of all of them by the program's name. */
export async function byProgram(figure: (pid: string) => Promise<number>): Promise<Map<string, number>> {
  const sums = new Map<string, number>();
  for (const pid of await otherProcesses()) {
    const { name } = await programOf(pid);
    sums.set(name, (sums.get(name) ?? 0) + (await figure(pid)));
  }
  return sums;
}

/** Of a process, a file in its folder of /proc; empty for a process that is gone. */
export function textOf(pid: string, file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, "utf8").catch((err: unknown) => {
    if (isNotFound(err) || errno(err) === "ESRCH") return "";
    throw err;
  });
}

export async function usedTicks(pid: string): Promise<number> {
  const fields = (await textOf(pid, "stat")).split(") ").at(-1)?.split(" ") ?? [];
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}
