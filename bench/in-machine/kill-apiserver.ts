// From `kill -9` of kube-apiserver to its answer that it is ready.

import { readFile } from "node:fs/promises";
import { pollUntil } from "../../src/std/wait.ts";
import { apiReady, openClient } from "./cluster-state.ts";

const client = await openClient();
await apiReady(client);
const pid = Number(await readFile("/run/k0s/kube-apiserver.pid", "utf8"));
const started = performance.now();
process.kill(pid, "SIGKILL");
await pollUntil(() => apiReady(client), { what: "the API", intervalMs: 20, timeoutMs: 60_000 });
console.log(JSON.stringify({ ms: performance.now() - started }));
