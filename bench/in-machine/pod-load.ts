// Pods that come and go on this node: how many, and how many a minute. Each is deleted when it has run and half a minute has
// passed. Tells what that costs in processor time, from the first one until the last is gone.

import { defaultImageUri } from "../../src/config/images.ts";
import type { Pod } from "../../src/kube/objects/pod.ts";
import { pollUntil } from "../../src/std/wait.ts";
import { openClient } from "./cluster-state.ts";
import { loadUse } from "./load-use.ts";

const [count = "100", perMinute = "50"] = process.argv.slice(2);
const lifeMs = 30_000;
const kind = { apiVersion: "v1", kind: "Pod" };
const namespace = "default";
const labels = { app: "bench-load" };
const client = await openClient();

async function create(index: number): Promise<void> {
  await client.create({
    ...kind,
    metadata: { name: `load-${index}`, namespace, labels },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: "main", image: defaultImageUri("pause"), imagePullPolicy: "Never" }],
    },
  });
}

/** Where none is left, all of them have come and gone. */
async function deleteOld(): Promise<number> {
  const { items } = await client.list<Pod>(kind, { namespace, labelSelector: `app=${labels.app}` });
  for (const { metadata, status } of items) {
    const isOld = Date.now() - Date.parse(metadata.creationTimestamp ?? "") >= lifeMs;
    if (isOld && status?.phase === "Running" && metadata.deletionTimestamp === undefined)
      await client.delete({ ...kind, namespace, name: metadata.name ?? "" });
  }
  return items.length;
}

const used = await loadUse(async () => {
  const started = performance.now();
  let created = 0;
  await pollUntil(
    async () => {
      const due = Math.floor(((performance.now() - started) / 60_000) * Number(perMinute)) + 1;
      for (; created < Math.min(due, Number(count)); created++) await create(created);
      return (await deleteOld()) === 0 && created === Number(count);
    },
    {
      what: "the end of the last pod",
      intervalMs: 600,
      timeoutMs: 280_000,
      // A pod that was not made would only make the load smaller.
      fatal: () => true,
    },
  );
});
console.log(JSON.stringify(used));
