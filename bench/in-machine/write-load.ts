// What a write load costs in processor time: ConfigMaps, a few at a time, by this controller's own API server. In seconds,
// of the programs that take part.

import { openClient } from "./cluster-state.ts";
import { byProgram, ticksPerSecond, usedTicks } from "./processor-use.ts";

const programs = ["kube-apiserver", "etcd", "kine"];
const atOnce = 4;
const [count = "3000"] = process.argv.slice(2);

const client = await openClient();
const stamp = Date.now();
const before = await byProgram(usedTicks);
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
const after = await byProgram(usedTicks);
const used = programs
  .filter((name) => after.has(name))
  .map((name) => [name, ((after.get(name) ?? 0) - (before.get(name) ?? 0)) / ticksPerSecond] as const);
console.log(JSON.stringify({ took, ...Object.fromEntries(used) }));
