// A Deployment of some pods more: how long until all of them run, from the first request on, and until they are gone again.

import type { Workload } from "../../src/kube/objects/workload.ts";
import { pollUntil } from "../../src/std/wait.ts";
import { openClient } from "./cluster-state.ts";

const [kubeconfig = "", count = "1000"] = process.argv.slice(2);
const client = await openClient(kubeconfig);
const labels = { app: "bench-wave" };
const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name: labels.app };
const timeoutMs = 240_000;

const started = performance.now();
await client.create({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: ref.name, namespace: ref.namespace },
  spec: {
    replicas: Number(count),
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: { containers: [{ name: "main", image: "registry.example/team/service:v1" }] },
    },
  },
});
await pollUntil(
  async () => {
    const { status } = await client.get<Workload & { readonly status?: { readonly readyReplicas?: number } }>(
      ref,
    );
    return (status?.readyReplicas ?? 0) >= Number(count);
  },
  { what: `${count} pods that run`, intervalMs: 250, timeoutMs },
);
const runMs = performance.now() - started;
await client.delete(ref);
await pollUntil(
  async () => {
    const left = { namespace: "default", labelSelector: `app=${labels.app}`, metadataOnly: true };
    return (await client.list({ apiVersion: "v1", kind: "Pod" }, left)).items.length === 0;
  },
  { what: "the end of these pods", intervalMs: 1_000, timeoutMs },
);
console.log(JSON.stringify({ runMs, goneMs: performance.now() - started - runMs }));
