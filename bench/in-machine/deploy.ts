// Gives the deployer much at once: `stack` (one of 2,000 objects), `stacks` (200 of five), or `charts` (those of the
// configuration, from the start of k0s on, whose moment is the second argument). Tells how long it took until everything was
// there, what k0s and helm asked meanwhile, and the most memory that k0s had.

import { mkdir, rename, writeFile } from "node:fs/promises";
import { type Chart, chartKind, chartNamespace } from "../../src/components/helm-extensions/chart.ts";
import { simulatedStack } from "../../test/harness/simulated-nodes.ts";
import { countBy, isHelm, isK0s, kindOf, requestsBetween } from "./audit-log.ts";
import { openClient } from "./cluster-state.ts";
import { type Watched, watched } from "./memory-use.ts";

const [work = "", startedAt = "0"] = process.argv.slice(2);
const manifests = "/var/lib/k0s/manifests";
const objects = 2_000;
const stacks = 200;
const charts = 50;
const client = await openClient();

async function drop(stack: string, text: string): Promise<void> {
  const folder = `${manifests}/${stack}`;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/.new`, text);
  await rename(`${folder}/.new`, `${folder}/stack.yaml`);
}

const countOf = async (
  kind: { apiVersion: string; kind: string },
  labelSelector?: string,
): Promise<number> => {
  const options = { namespace: "default", metadataOnly: true, labelSelector };
  return (await client.list(kind, options)).items.length;
};

/** Four kinds, as an operator's manifests have them. */
function largeStack(): string {
  const kinds = [
    { apiVersion: "v1", kind: "ConfigMap", data: { text: "x".repeat(500) } },
    { apiVersion: "v1", kind: "Secret", stringData: { key: "x".repeat(100) } },
    { apiVersion: "v1", kind: "ServiceAccount" },
    {
      apiVersion: "v1",
      kind: "Service",
      spec: { ports: [{ port: 80 }], selector: { app: "none" }, clusterIP: "None" },
    },
  ];
  const all = Array.from({ length: objects }, (_, index) => ({
    ...kinds[index % kinds.length],
    metadata: { name: `bench-${index}`, namespace: "default", labels: { bench: "large" } },
  }));
  return all.map((object) => JSON.stringify(object)).join("\n---\n");
}

const works: Readonly<Record<string, () => Promise<Watched>>> = {
  stack: () =>
    watched(
      "every object of the stack",
      () => drop("bench-large", largeStack()),
      async () => {
        const kinds = ["ConfigMap", "Secret", "ServiceAccount", "Service"];
        const counts = await Promise.all(
          kinds.map((kind) => countOf({ apiVersion: "v1", kind }, "bench=large")),
        );
        return counts.reduce((sum, count) => sum + count, 0) >= objects;
      },
    ),
  stacks: () =>
    watched(
      "the last object of every stack",
      async () => {
        for (let index = 0; index < stacks; index++) await drop(`sim-${index}`, simulatedStack(index));
      },
      async () => (await countOf({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" })) >= stacks,
    ),
  charts: () =>
    watched(
      "every release",
      async () => {},
      async () => {
        const { items } = await client.list<Chart>(chartKind, { namespace: chartNamespace });
        return (
          items.filter(({ status }) => status?.status === "deployed" || (status?.revision ?? 0) > 0).length >=
          charts
        );
      },
    ),
};

const found = await works[work]?.();
if (found === undefined) throw new Error(`the deployer has no work ${work}`);
const isCharts = work === "charts";
const from = isCharts ? Number(startedAt) : found.from;
const requests = await requestsBetween(from, found.to, (agent) => isK0s(agent) || isHelm(agent));
console.log(
  JSON.stringify({
    ms: isCharts ? found.to - from : found.ms,
    memoryMiB: found.memoryMiB,
    requests: requests.length,
    ofHelm: requests.filter(({ userAgent = "" }) => isHelm(userAgent)).length,
    ...Object.fromEntries(Object.entries(countBy(requests, kindOf)).slice(0, 12)),
  }),
);
