// A Deployment of some pods more: how long until all of them run, from the first request on, and until they are gone again.
// Arguments: a kubeconfig, how many pods, for how many seconds each of the two is waited for. Where that was not enough there
// is no such time, but how far it has come: pods that had a node, pods that ran, nodes that were Ready.

import type { Node } from "../../src/kube/objects/node.ts";
import type { Workload } from "../../src/kube/objects/workload.ts";
import type { KubeResource } from "../../src/kube/types.ts";
import { pollUntil, TimeoutError } from "../../src/std/wait.ts";
import { openClient } from "./cluster-state.ts";

const [kubeconfig = "", count = "1000", seconds = "120"] = process.argv.slice(2);
const client = await openClient(kubeconfig);
const labels = { app: "bench-wave" };
const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name: labels.app };
const pods = { apiVersion: "v1", kind: "Pod" };
const selection = { namespace: "default", labelSelector: `app=${labels.app}` };

interface Pod extends KubeResource {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string };
}

/** How long until then, in milliseconds; undefined when the time is over. */
async function timeUntil(done: () => Promise<boolean>, intervalMs: number): Promise<number | undefined> {
  const started = performance.now();
  const wait = { what: "the wave", intervalMs, timeoutMs: Number(seconds) * 1_000 };
  return await pollUntil(done, wait).then(
    () => performance.now() - started,
    (err: unknown) => {
      if (err instanceof TimeoutError) return undefined;
      throw err;
    },
  );
}

async function whereItStands(): Promise<Readonly<Record<string, number>>> {
  const { items } = await client.list<Pod>(pods, {
    ...selection,
    keep: ({ apiVersion, kind, metadata: { name = "" }, spec, status }) => ({
      apiVersion,
      kind,
      metadata: { name },
      spec: { nodeName: spec?.nodeName ?? "" },
      status: { phase: status?.phase ?? "" },
    }),
  });
  const nodes = await client.list<Node>(
    { apiVersion: "v1", kind: "Node" },
    {
      pageSize: 200,
      keep: ({ apiVersion, kind, metadata: { name = "" }, status }) => ({
        apiVersion,
        kind,
        metadata: { name },
        status: { conditions: status?.conditions ?? [] },
      }),
    },
  );
  const ready = nodes.items.filter(({ status }) =>
    status?.conditions?.some((one) => one.type === "Ready" && one.status === "True"),
  );
  return {
    made: items.length,
    scheduled: items.filter(({ spec }) => spec?.nodeName !== "").length,
    running: items.filter(({ status }) => status?.phase === "Running").length,
    readyNodes: ready.length,
  };
}

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
let readyPods = 0;
const runMs = await timeUntil(async () => {
  readyPods = (await client.get<Workload>(ref)).status?.readyReplicas ?? 0;
  return readyPods >= Number(count);
}, 250);
const stand = runMs === undefined ? { readyPods, ...(await whereItStands()) } : {};
await client.delete(ref);
const goneMs = await timeUntil(
  async () => (await client.list(pods, { ...selection, metadataOnly: true })).items.length === 0,
  1_000,
);
console.log(JSON.stringify({ runMs, goneMs, ...stand }));
