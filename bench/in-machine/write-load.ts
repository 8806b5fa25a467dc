// A write load: ConfigMaps, a few at a time, by this controller's own API server. Tells what it costs in processor time.

import { openClient } from "./cluster-state.ts";
import { loadUse } from "./load-use.ts";

const atOnce = 4;
const [count = "3000"] = process.argv.slice(2);

const client = await openClient();
const stamp = Date.now();
let next = 0;
async function write(): Promise<void> {
  while (next < Number(count)) {
    const metadata = { name: `load-${stamp}-${next++}`, namespace: "default" };
    await client.create({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: "b" } });
  }
}
const used = await loadUse(async () => {
  await Promise.all(Array.from({ length: atOnce }, write));
});
console.log(JSON.stringify(used));
