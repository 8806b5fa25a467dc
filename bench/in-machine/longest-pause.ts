// Writes to the API for some seconds, through this controller's server or as a kubeconfig says, and tells the longest
// time between two that succeeded.

import { sleep } from "../../src/std/wait.ts";
import { openClient } from "./cluster-state.ts";

const [seconds = "30", kubeconfig] = process.argv.slice(2);
const client = await openClient(kubeconfig);
const stamp = crypto.randomUUID();
const end = performance.now() + Number(seconds) * 1000;
let last = performance.now();
let longest = 0;
let failed = 0;
for (let number = 0; performance.now() < end; number++) {
  const metadata = { name: `pause-${stamp}-${number}`, namespace: "default" };
  try {
    await client.create({ apiVersion: "v1", kind: "ConfigMap", metadata }, { retries: 0, timeoutMs: 1_000 });
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  } catch {
    // What is measured.
    failed++;
  }
  await sleep(50);
}
console.log(JSON.stringify({ ms: Math.max(longest, performance.now() - last), failed }));
