// What k0s itself does in a large cluster for some minutes: requests by the API server's audit log, the most memory (PSS), the
// longest time without an answer of its status socket, which is the longest stall of its event loop and a little more, and
// whether the leadership has changed. Meanwhile the leases of the simulated nodes are renewed as kubelets do.

import { readFile } from "node:fs/promises";
import type { Lease } from "../../src/kube/objects/lease.ts";
import { leaseKind } from "../../src/kube/objects/lease.ts";
import { pollUntil, sleep } from "../../src/std/wait.ts";
import { renewSimulatedLeases } from "../../test/harness/simulated-nodes.ts";
import { countBy, isK0s, requestsBetween } from "./audit-log.ts";
import { openClient } from "./cluster-state.ts";

const [seconds = "180", nodes = "1000"] = process.argv.slice(2);
const socket = "/run/k0s/status.sock";
const client = await openClient();
const report = await fetch("http://localhost/status", { unix: socket });
const { Pid: pid } = (await report.json()) as { readonly Pid: number };
const over = new AbortController();

/** How often the leadership has changed; waits until somebody leads. */
const transitions = (): Promise<number> =>
  pollUntil(
    async () => {
      const ref = { ...leaseKind, namespace: "kube-node-lease", name: "k0s-endpoint-reconciler" };
      const { spec } = await client.get<Lease>(ref);
      // The first holder counts as one.
      return spec?.holderIdentity !== "" && (spec?.leaseTransitions ?? 0) + 1;
    },
    { what: "a leader", intervalMs: 200, timeoutMs: 120_000 },
  );

let longest = 0;
async function watchLoop(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const asked = performance.now();
    const answer = await fetch("http://localhost/nothing", { unix: socket });
    await answer.text();
    longest = Math.max(longest, performance.now() - asked);
    await sleep(5, signal).catch(() => undefined);
  }
}

let memory = 0;
async function watchMemory(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
    memory = Math.max(memory, Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024);
    await sleep(1_000, signal).catch(() => undefined);
  }
}

/** As kubelets: each node every ten seconds, at its own moment. */
async function renewLeases(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const started = performance.now();
    await renewSimulatedLeases(client, Number(nodes), 2);
    await sleep(Math.max(0, 10_000 - (performance.now() - started)), signal).catch(() => undefined);
  }
}

const before = await transitions();
const from = Date.now();
const watching = [watchLoop(over.signal), watchMemory(over.signal), renewLeases(over.signal)];
await sleep(Number(seconds) * 1000);
const to = Date.now();
over.abort();
await Promise.all(watching);
const changes = (await transitions()) - before;

const found = await requestsBetween(from, to, isK0s);
const perSecond = new Map<number, number>();
for (const { stageTimestamp } of found) {
  const second = Math.floor(Date.parse(stageTimestamp) / 1000);
  perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
}
const kinds = countBy(
  found,
  ({ verb, requestURI }) => `${verb} ${requestURI.replace(/\?.*/, "").replace(/sim-[\w-]+/, "…")}`,
);
console.error(
  Object.entries(kinds)
    .slice(0, 25)
    .map(([what, count]) => `${count}\t${what}`)
    .join("\n"),
);
console.log(
  JSON.stringify({
    requestsPerSecond: found.length / ((to - from) / 1000),
    peakPerSecond: Math.max(0, ...perSecond.values()),
    ...countBy(found, ({ verb }) => verb),
    memoryMiB: memory,
    longestStallMs: longest,
    leadershipChanges: changes,
  }),
);
