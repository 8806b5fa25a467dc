// How long a write to the API takes: ConfigMaps, created one after the other, by this controller's own API server.

import { openClient } from "./cluster-state.ts";

const [count = "300"] = process.argv.slice(2);
const client = await openClient();
const took: number[] = [];
const stamp = Date.now();
for (let number = 0; number < Number(count); number++) {
  const metadata = { name: `write-${stamp}-${number}`, namespace: "default" };
  const started = performance.now();
  await client.create({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: "b" } });
  took.push(performance.now() - started);
}
const sorted = took.toSorted((a, b) => a - b);
const at = (quantile: number): number | undefined => sorted[Math.floor(quantile * (sorted.length - 1))];
console.log(JSON.stringify({ p50: at(0.5), p99: at(0.99) }));
