// A controller with 200 stacks of five objects and 1,000 nodes that exist only as objects: what k0s itself asks, holds and
// how long it stands still, over three minutes with a look at all kinds in them.

import { auditArgs, auditPolicyPath } from "../in-machine/audit-log.ts";
import type { BenchNode } from "../node.ts";
import type { Measurement, Row, Unit } from "../row.ts";

const stacks = "200";
const nodes = "1000";
const seconds = "180";

/** Every request, named by who makes it. */
const policy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{ level: Metadata }]
`;

export const growthSpec = {
  api: { extraArgs: auditArgs },
  network: { provider: "custom" },
};

const command = "bun bench/run.ts growth";
const row = (id: string, what: string, unit: Unit, budget?: number): Row => ({
  id: `growth-${id}`,
  what: `${stacks} stacks, 1,000 nodes: ${what}`,
  unit,
  command,
  ...(budget === undefined ? {} : { budget }),
});

export const growth: Measurement<BenchNode> = {
  rows: [
    row("apply", "manifests dropped → every object exists", "s"),
    row("requests", "requests of k0s", "/s", 20),
    row("peak", "most of them in a second", "/s"),
    row("memory", "most memory of k0s (PSS)", "MiB", 150),
    row("stall", "longest stall of its event loop", "ms", 250),
    row("leaders", "changes of the leadership", "times", 0),
  ],
  measure: async (node) => {
    const { machine } = node;
    await machine.writeFile(auditPolicyPath, policy);
    const startedAt = await node.startK0s();
    await node.ask("follow-start", String(startedAt), "api");
    const { ms = Number.NaN } = await node.ask("grow", stacks, nodes);
    // A start on all of it is the most work: everything is read, and each kind is looked at a minute later.
    await node.stopK0s();
    await node.ask("follow-start", String(await node.startK0s()), "api");
    const found = await node.ask("growth", seconds, nodes);
    if (process.env["BENCH_DETAILS"] !== undefined) console.error(found);
    return new Map([
      ["growth-apply", ms / 1000],
      ["growth-requests", found["requestsPerSecond"] ?? Number.NaN],
      ["growth-peak", found["peakPerSecond"] ?? Number.NaN],
      ["growth-memory", found["memoryMiB"] ?? Number.NaN],
      ["growth-stall", found["longestStallMs"] ?? Number.NaN],
      ["growth-leaders", found["leadershipChanges"] ?? Number.NaN],
    ]);
  },
};
