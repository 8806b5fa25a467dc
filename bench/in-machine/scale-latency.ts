// How long this controller's own API server takes for what clients ask most: a page of 500 pods, a page of 500 nodes (as
// text: what the client makes of it does not count), one object read, one object changed. In milliseconds.

import { openClient } from "./cluster-state.ts";
import { timed } from "./quantiles.ts";

const [kubeconfig = ""] = process.argv.slice(2);
const client = await openClient(kubeconfig);
const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "bench-latency" };
const metadata = { name: ref.name, namespace: ref.namespace };
await client.apply(
  { apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: "b" } },
  { fieldManager: "bench", force: true },
);
const page = (path: string) => async (): Promise<void> => {
  const answer = await client.raw(path);
  if (!answer.ok) throw new Error(`${path}: answer ${answer.status}`);
  await answer.arrayBuffer();
};
const found = {
  ...(await timed("LIST pods", 40, page("/api/v1/pods?limit=500"))),
  ...(await timed("LIST nodes", 40, page("/api/v1/nodes?limit=500"))),
  ...(await timed("GET", 300, () => client.get(ref))),
  ...(await timed("PATCH", 300, (index) => client.patch(ref, "merge", { data: { a: `${index}` } }))),
};
console.log(JSON.stringify(found));
