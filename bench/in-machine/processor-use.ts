// How much processor time the machine under measurement, and each of its processes, has used.

import { readFile } from "node:fs/promises";
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
