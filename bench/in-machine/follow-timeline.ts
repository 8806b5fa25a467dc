// Follows a start as follow-start.ts does, and the processor time that each program takes meanwhile. Arguments: when k0s was
// started, and how far to follow: api, node or pods. Prints JSON: `spawn` (the first program of the control plane), `api`, `node`,
// `pods` in milliseconds since the start, `cpu spawn`, … of the whole machine until then, `program NAME` until the end.

import { pollUntil, sleep } from "../../src/std/wait.ts";
import { apiReady, nodeReady, openClient, podsReady } from "./cluster-state.ts";
import { cpuSeconds, otherProcesses, programOf, ticksPerSecond, usedTicks } from "./processor-use.ts";

const [start = "", until = "pods"] = process.argv.slice(2);
const since = Number(start);
const found: Record<string, number> = {};
const used = new Map<string, { readonly program: string; readonly ms: number }>();
const over = new AbortController();
const cpuBefore = await cpuSeconds();

async function sample(): Promise<void> {
  for (const pid of await otherProcesses()) {
    const { name, args } = await programOf(pid);
    // The launcher that unpacks has no arguments.
    const program = name === "k0s" && args.length === 0 ? "k0s (unpacking)" : name;
    const ms = ((await usedTicks(pid)) / ticksPerSecond) * 1000;
    if (program !== "" && ms > 0) used.set(pid, { program, ms });
  }
}

async function sampleOften(): Promise<void> {
  while (!over.signal.aborted) {
    await sample();
    await sleep(200);
  }
}

async function isSpawned(): Promise<boolean> {
  const programs = await Promise.all((await otherProcesses()).map(programOf));
  return programs.some(({ name }) => ["etcd", "kine", "kube-apiserver"].includes(name));
}

/** Notes when it happens. */
async function reach(name: string, probe: () => Promise<unknown>): Promise<void> {
  await pollUntil(probe, { what: name, intervalMs: 50, timeoutMs: 240_000 });
  found[name] = Date.now() - since;
  found[`cpu ${name}`] = ((await cpuSeconds()) - cpuBefore) * 1000;
}

const sampling = sampleOften();
await reach("spawn", isSpawned);
const client = await openClient();
const stages = [
  { name: "api", probe: () => apiReady(client) },
  { name: "node", probe: () => nodeReady(client, since) },
  { name: "pods", probe: () => podsReady(client, since) },
];
for (const { name, probe } of stages) {
  await reach(name, probe);
  if (name === until) break;
}
over.abort();
await sampling;
for (const { program, ms } of used.values()) {
  const key = `program ${program}`;
  found[key] = (found[key] ?? 0) + ms;
}
console.log(JSON.stringify(found));
