// Makes a cluster large: stacks in the manifests folder, and nodes that exist only as objects. Tells how long it took until
// the objects of every stack were there.

import { mkdir, rename, writeFile } from "node:fs/promises";
import { pollUntil } from "../../src/std/wait.ts";
import {
  createSimulatedNodes,
  renewSimulatedLeases,
  simulatedStack,
} from "../../test/harness/simulated-nodes.ts";
import { openClient } from "./cluster-state.ts";

const [stacks = "200", nodes = "1000"] = process.argv.slice(2);
const manifests = "/var/lib/k0s/manifests";
const client = await openClient();

const nodesStarted = performance.now();
await createSimulatedNodes(client, Number(nodes));
await renewSimulatedLeases(client, Number(nodes));
const nodesMs = performance.now() - nodesStarted;

const started = performance.now();
for (let index = 0; index < Number(stacks); index++) {
  const folder = `${manifests}/sim-${index}`;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/.new`, simulatedStack(index));
  await rename(`${folder}/.new`, `${folder}/stack.yaml`);
}
await pollUntil(
  async () => {
    const kind = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" };
    const { items } = await client.list(kind, { namespace: "default", metadataOnly: true });
    return items.length >= Number(stacks);
  },
  { what: "the last object of every stack", intervalMs: 1_000, timeoutMs: 280_000 },
);
console.log(JSON.stringify({ ms: performance.now() - started, nodesMs }));
