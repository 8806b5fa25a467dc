// How long until the cluster's DNS answers, from the network that this runs in: a pod's.

import { Resolver } from "node:dns/promises";
import { pollUntil } from "../../src/std/wait.ts";

const [server = "10.96.0.10"] = process.argv.slice(2);
const resolver = new Resolver({ timeout: 500, tries: 1 });
resolver.setServers([server]);
await pollUntil(async () => (await resolver.resolve4("kubernetes.default.svc.cluster.local")).length > 0, {
  what: "an answer of the cluster's DNS",
  intervalMs: 50,
  timeoutMs: 60_000,
});
console.log(JSON.stringify({ at: Date.now() }));
