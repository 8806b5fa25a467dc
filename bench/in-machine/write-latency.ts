// How long a write to the API takes: ConfigMaps, created one after the other, by this controller's own API server.

import { openClient } from "./cluster-state.ts";
import { quantiles } from "./quantiles.ts";

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
console.log(JSON.stringify(quantiles(took)));
