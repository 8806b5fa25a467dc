// What a node costs that has nothing to do: memory by PSS (shared pages are counted once) and of that what no
// file backs, CPU by the machine's control
// group (short processes count, too) and by program, the size of the data directory.

import { readdir } from "node:fs/promises";
import { sleep } from "../../src/std/wait.ts";
import { cpuSeconds, textOf, ticksPerSecond, usedTicks } from "./processor-use.ts";

const [seconds = "60"] = process.argv.slice(2);

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

const memoryMiB =
  (line: "Pss" | "Anonymous") =>
  async (pid: string): Promise<number> =>
    Number(new RegExp(`^${line}:\\s+(\\d+)`, "m").exec(await textOf(pid, "smaps_rollup"))?.[1] ?? 0) / 1024;

const ticksBefore = await byProgram(usedTicks);
const before = await cpuSeconds();
const started = performance.now();
await sleep(Number(seconds) * 1000);
const elapsed = (performance.now() - started) / 1000;
const used = (await cpuSeconds()) - before;
const ticks = await byProgram(usedTicks);
const pss = await byProgram(memoryMiB("Pss"));
const anonymous = await byProgram(memoryMiB("Anonymous"));
const sum = (figures: Map<string, number>): number => figures.values().reduce((all, value) => all + value, 0);
const du = await Bun.$`du -skx /var/lib/k0s`.text();
const percent = (seconds: number): number => (seconds / elapsed) * 100;
console.log(
  JSON.stringify({
    cpuPercent: percent(used),
    pss: sum(pss),
    anonymous: sum(anonymous),
    diskMB: (Number.parseInt(du, 10) * 1024) / 1e6,
    ...Object.fromEntries([...pss].map(([name, value]) => [`pss ${name}`, value])),
    ...Object.fromEntries([...anonymous].map(([name, value]) => [`anonymous ${name}`, value])),
    ...Object.fromEntries(
      [...ticks].map(([name, value]) => [
        `cpu ${name}`,
        percent((value - (ticksBefore.get(name) ?? 0)) / ticksPerSecond),
      ]),
    ),
  }),
);
