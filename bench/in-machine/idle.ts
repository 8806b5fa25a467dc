// What a node costs that has nothing to do: memory by PSS (shared pages are counted once), CPU by the machine's control
// group (short processes count, too), the size of the data directory.

import { readdir, readFile } from "node:fs/promises";
import { readFileIfExists } from "../../src/os/files.ts";
import { sleep } from "../../src/std/wait.ts";

const [seconds = "60"] = process.argv.slice(2);

async function cpuSeconds(): Promise<number> {
  const v1 = await readFileIfExists("/sys/fs/cgroup/cpuacct/cpuacct.usage");
  if (v1 !== undefined) return Number(v1) / 1e9;
  const v2 = await readFile("/sys/fs/cgroup/cpu.stat", "utf8");
  return Number(/^usage_usec (\d+)/m.exec(v2)?.[1]) / 1e6;
}

/** Of every process but the machine's first and this one. */
async function pss(): Promise<{ total: number; byName: Map<string, number> }> {
  const byName = new Map<string, number>();
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    if (pid === "1" || pid === String(process.pid)) continue;
    const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
    const kib = Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
    const name = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0")[0] ?? "";
    const short = name.split("/").at(-1) ?? name;
    byName.set(short, (byName.get(short) ?? 0) + kib / 1024);
  }
  return { total: [...byName.values()].reduce((sum, value) => sum + value, 0), byName };
}

const before = await cpuSeconds();
const started = performance.now();
await sleep(Number(seconds) * 1000);
const cpuPercent = (((await cpuSeconds()) - before) / ((performance.now() - started) / 1000)) * 100;
const { total, byName } = await pss();
const du = await Bun.$`du -skx /var/lib/k0s`.text();
const parts = Object.fromEntries([...byName].map(([name, value]) => [`pss ${name}`, value]));
console.log(
  JSON.stringify({ cpuPercent, pss: total, diskMB: (Number.parseInt(du, 10) * 1024) / 1e6, ...parts }),
);
