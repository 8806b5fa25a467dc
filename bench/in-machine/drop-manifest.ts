// From a manifest in the manifests folder to its object in the API.

import { mkdir, rename, writeFile } from "node:fs/promises";
import { pollUntil } from "../../src/std/wait.ts";
import { openClient } from "./cluster-state.ts";

const folder = "/var/lib/k0s/manifests/bench";
const name = `bench-${Date.now()}`;
const object = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data: { a: "b" },
};
const client = await openClient();
await mkdir(folder, { recursive: true });
await writeFile(`${folder}/.new`, JSON.stringify(object));
const started = performance.now();
await rename(`${folder}/.new`, `${folder}/${name}.yaml`);
const ref = { apiVersion: "v1", kind: "ConfigMap", name, namespace: "default" };
await pollUntil(async () => (await client.find(ref)) !== undefined, {
  what: "the object",
  intervalMs: 5,
  timeoutMs: 60_000,
});
console.log(JSON.stringify({ ms: performance.now() - started }));
