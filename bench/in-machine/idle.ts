// What a node costs that has nothing to do: memory by PSS (shared pages are counted once) and of that what no file backs, CPU by
// the machine's control group (short processes count, too) and by program, the size of the data directory.

import { sleep } from "../../src/std/wait.ts";
import { memoryMiB } from "./memory-use.ts";
import { byProgram, cpuSeconds, ticksPerSecond, usedTicks } from "./processor-use.ts";

const [seconds = "60"] = process.argv.slice(2);

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
// A file that goes while it is looked at is a complaint and a code of its own, but the sum is there.
const du = await Bun.$`du -skx /var/lib/k0s`.nothrow().text();
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
