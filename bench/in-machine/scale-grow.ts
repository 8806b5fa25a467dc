// Makes a cluster larger: nodes that KWOK keeps alive, and pods on them, which it runs. Arguments: a kubeconfig, how many
// nodes and pods there are and how many there are to be, how many KWOKs share them. Tells how many pods of these still waited
// when there was no more time for them.

import { pollUntil, TimeoutError } from "../../src/std/wait.ts";
import { eachOf, simulatedNode, simulatedNodeName } from "../../test/harness/simulated-nodes.ts";
import type { KubeObject } from "../../src/kube/types.ts";
import { openClient } from "./cluster-state.ts";

const [kubeconfig = "", ...sizes] = process.argv.slice(2);
const [nodesFrom = 0, nodesTo = 0, podsFrom = 0, podsTo = 0, shards = 1] = sizes.map(Number);
const atOnce = 16;
const client = await openClient(kubeconfig);
const started = performance.now();

await eachOf(nodesTo - nodesFrom, atOnce, async (offset) => {
  const index = nodesFrom + offset;
  const { status, metadata, ...node } = simulatedNode(index);
  const labels = { ...metadata.labels, "bench/shard": String(index % shards) };
  await client.create<KubeObject>({ ...node, metadata: { ...metadata, labels }, spec: {} });
  // By a patch: controllers have changed the new node already.
  const ref = { apiVersion: "v1", kind: "Node", name: simulatedNodeName(index) };
  await client.patch(ref, "merge", { status }, { subresource: "status" });
});
const nodesMs = performance.now() - started;

/** As large as a small service's: 3 kB once it runs. */
function pod(index: number): KubeObject {
  const env = Array.from({ length: 12 }, (_, at) => ({
    name: `SETTING_${at}`,
    value: `value-${index}-${at}`,
  }));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `load-${index}`, namespace: "default", labels: { app: "load", part: `${index % 50}` } },
    spec: {
      nodeName: simulatedNodeName(index % nodesTo),
      containers: [
        {
          name: "main",
          image: "registry.example/team/service:v1",
          env,
          resources: { requests: { cpu: "1m" } },
        },
      ],
    },
  };
}
const podsStarted = performance.now();
await eachOf(podsTo - podsFrom, atOnce, async (offset) => {
  await client.create(pod(podsFrom + offset));
});
let waiting = 0;
if (podsTo > podsFrom) {
  const allRun = pollUntil(
    async () => {
      const selection = {
        namespace: "default",
        fieldSelector: "status.phase=Pending",
        metadataOnly: true,
      };
      waiting = (await client.list({ apiVersion: "v1", kind: "Pod" }, selection)).items.length;
      return waiting === 0;
    },
    { what: "pods that run", intervalMs: 1_000, timeoutMs: 120_000 },
  );
  await allRun.catch((err: unknown) => {
    if (!(err instanceof TimeoutError)) throw err;
  });
}
console.log(JSON.stringify({ nodesMs, podsMs: performance.now() - podsStarted, waiting }));
