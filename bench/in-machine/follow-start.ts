// When did the API, the node, every system pod become ready? Prints the moments as milliseconds since the first argument.
// The second says how far to follow: api, node or pods; the third since when pods must run for them to count. `cpu api` is the
// processor time of the whole machine until then, in milliseconds.

import { pollUntil } from "../../src/std/wait.ts";
import { apiReady, nodeReady, openClient, podsReady } from "./cluster-state.ts";
import { cpuSeconds } from "./processor-use.ts";

const [start = "", until = "pods", podsSince = start] = process.argv.slice(2);
const since = Number(start);
const moments: Record<string, number> = {};
const cpuBefore = await cpuSeconds();
const client = await openClient();
const stages = [
  { name: "api", intervalMs: 20, probe: () => apiReady(client) },
  { name: "node", intervalMs: 50, probe: () => nodeReady(client, since) },
  { name: "pods", intervalMs: 100, probe: () => podsReady(client, Number(podsSince)) },
];
for (const { name, intervalMs, probe } of stages) {
  await pollUntil(probe, { what: name, intervalMs, timeoutMs: 240_000 });
  moments[name] = Date.now() - since;
  if (name === "api") moments["cpu api"] = ((await cpuSeconds()) - cpuBefore) * 1000;
  if (name === until) break;
}
console.log(JSON.stringify(moments));
