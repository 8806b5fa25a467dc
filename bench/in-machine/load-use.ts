// The processor time that a load costs: in seconds, of each program that is there before and after, and of the whole machine
// without this program, with what has ended meanwhile. Programs that come with the load count as part of the whole alone.

import { byProgram, cpuSeconds, ticksPerSecond, usedTicks } from "./processor-use.ts";

export async function loadUse(work: () => Promise<void>): Promise<Readonly<Record<string, number>>> {
  const before = await byProgram(usedTicks);
  const ownBefore = process.cpuUsage();
  const allBefore = await cpuSeconds();
  const started = performance.now();
  await work();
  const took = (performance.now() - started) / 1000;
  const all = (await cpuSeconds()) - allBefore;
  const own = process.cpuUsage(ownBefore);
  const after = await byProgram(usedTicks);
  const used = [...after]
    .filter(([name]) => before.has(name))
    .map(([name, ticks]) => [name, (ticks - (before.get(name) ?? 0)) / ticksPerSecond] as const);
  return { ...Object.fromEntries(used), took, all: all - (own.user + own.system) / 1e6 };
}
