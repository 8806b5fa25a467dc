// What a node costs that has nothing to do: memory by PSS (shared pages are counted once), CPU by the machine's control
// group (short processes count, too) and by program, the size of the data directory.

import { readdir, readFile } from "node:fs/promises";
import { readFileIfExists } from "../../src/os/files.ts";
import { errno, isNotFound } from "../../src/std/errors.ts";
import { sleep } from "../../src/std/wait.ts";

const [seconds = "60"] = process.argv.slice(2);
const ticksPerSecond = 100;

async function cpuSeconds(): Promise<number> {
  const v1 = await readFileIfExists("/sys/fs/cgroup/cpuacct/cpuacct.usage");
  if (v1 !== undefined) return Number(v1) / 1e9;
  const v2 = await readFile("/sys/fs/cgroup/cpu.stat", "utf8");
  return Number(/^usage_usec (\d+)/m.exec(v2)?.[1]) / 1e6;
}

/** Sums a figure of every process but the machine's first and this one, by the program's name. */
async function byProgram(figure: (pid: string) => Promise<number>): Promise<Map<string, number>> {
  const sums = new Map<string, number>();
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    if (pid === "1" || pid === String(process.pid)) continue;
    const [program = ""] = (await textOf(pid, "cmdline")).split("\0");
    const name = program.split("/").at(-1) ?? program;
    sums.set(name, (sums.get(name) ?? 0) + (await figure(pid)));
  }
  return sums;
}

/** Empty for a process that is gone. */
function textOf(pid: string, file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, "utf8").catch((err: unknown) => {
    if (isNotFound(err) || errno(err) === "ESRCH") return "";
    throw err;
  });
}

const pssMiB = async (pid: string): Promise<number> =>
  Number(/^Pss:\s+(\d+)/m.exec(await textOf(pid, "smaps_rollup"))?.[1] ?? 0) / 1024;

const usedTicks = async (pid: string): Promise<number> => {
  const fields = (await textOf(pid, "stat")).split(") ").at(-1)?.split(" ") ?? [];
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
};

const ticksBefore = await byProgram(usedTicks);
const before = await cpuSeconds();
const started = performance.now();
await sleep(Number(seconds) * 1000);
const elapsed = (performance.now() - started) / 1000;
const used = (await cpuSeconds()) - before;
const ticks = await byProgram(usedTicks);
const pss = await byProgram(pssMiB);
const du = await Bun.$`du -skx /var/lib/k0s`.text();
const percent = (seconds: number): number => (seconds / elapsed) * 100;
console.log(
  JSON.stringify({
    cpuPercent: percent(used),
    pss: [...pss.values()].reduce((sum, value) => sum + value, 0),
    diskMB: (Number.parseInt(du, 10) * 1024) / 1e6,
    ...Object.fromEntries([...pss].map(([name, value]) => [`pss ${name}`, value])),
    ...Object.fromEntries(
      [...ticks].map(([name, value]) => [
        `cpu ${name}`,
        percent((value - (ticksBefore.get(name) ?? 0)) / ticksPerSecond),
      ]),
    ),
  }),
);
