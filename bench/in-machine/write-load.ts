// What a write load costs in processor time: ConfigMaps, a few at a time, by this controller's own API server. In seconds,
// of the programs that take part.

import { readdir, readFile } from "node:fs/promises";
import { openClient } from "./cluster-state.ts";

const programs = ["kube-apiserver", "etcd", "kine"];
const atOnce = 4;
const ticksPerSecond = 100;
const [count = "3000"] = process.argv.slice(2);

async function usedSeconds(): Promise<Map<string, number>> {
  const used = new Map<string, number>();
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const [program = ""] = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
    const name = program.split("/").at(-1) ?? "";
    if (!programs.includes(name)) continue;
    const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ").at(-1)?.split(" ") ?? [];
    used.set(name, (Number(fields[11]) + Number(fields[12])) / ticksPerSecond);
  }
  return used;
}

const client = await openClient();
const stamp = Date.now();
const before = await usedSeconds();
const started = performance.now();
let next = 0;
async function write(): Promise<void> {
  while (next < Number(count)) {
    const metadata = { name: `load-${stamp}-${next++}`, namespace: "default" };
    await client.create({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: "b" } });
  }
}
await Promise.all(Array.from({ length: atOnce }, write));
const took = (performance.now() - started) / 1000;
const used = [...(await usedSeconds())].map(([name, seconds]) => [name, seconds - (before.get(name) ?? 0)]);
console.log(JSON.stringify({ took, ...(Object.fromEntries(used) as Record<string, number>) }));
