// What the deployer does with much at once: one stack of 2,000 objects, 200 small stacks, 50 charts; and what it writes when
// everything is looked at again and nothing has changed.

import { packChart, settingsChart } from "../../test/harness/helm-charts.ts";
import { auditArgs, auditPolicyPath } from "../in-machine/audit-log.ts";
import type { BenchNode } from "../node.ts";
import type { Measurement, Row, Unit } from "../row.ts";

const charts = 50;
const chartFolder = "/var/tmp/charts";

const policy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules: [{ level: Metadata }]
`;

const names = Array.from({ length: charts }, (_, index) => `bench-${index}`);

export const deployerSpec = {
  api: { extraArgs: auditArgs },
  network: { provider: "custom" },
  extensions: {
    helm: {
      concurrencyLevel: 5,
      charts: names.map((name) => ({
        name,
        chartname: `${chartFolder}/${name}.tgz`,
        namespace: "default",
        values: `greeting: from ${name}\n`,
      })),
    },
  },
};

const row = (id: string, what: string, unit: Unit, budget?: number): Row => ({
  id: `deployer-${id}`,
  what,
  unit,
  command: "bun bench/run.ts deployer",
  ...(budget === undefined ? {} : { budget }),
});

/** Of one of them: `<name>-apply`, `-requests`, `-memory`. */
const works = [
  { name: "charts", what: `${charts} charts` },
  { name: "stack", what: "a stack of 2,000 objects" },
  { name: "stacks", what: "200 stacks of five objects" },
] as const;

export const deployer: Measurement<BenchNode> = {
  rows: [
    ...works.flatMap(({ name, what }) => [
      row(`${name}-apply`, `${what}: until applied`, "s"),
      row(`${name}-requests`, `${what}: API requests of k0s and helm`, "times"),
      row(`${name}-memory`, `${what}: most memory of k0s (PSS)`, "MiB"),
    ]),
    row("resync-requests", "all of it looked at again, after a restart: API requests of k0s", "times"),
    row("resync-writes", "of these, writes of what was applied", "times", 0),
  ],
  measure: async (node) => {
    const { machine } = node;
    await machine.writeFile(auditPolicyPath, policy);
    await machine.ok(["mkdir", "-p", chartFolder]);
    for (const name of names)
      await machine.writeFile(`${chartFolder}/${name}.tgz`, await packChart(settingsChart("1.0.0", name)));
    const startedAt = await node.startK0s();
    const figures = new Map<string, number>();
    for (const { name } of works) {
      const found = await node.ask("deploy", name, String(startedAt));
      if (process.env["BENCH_DETAILS"] !== undefined) console.error(name, found);
      figures.set(`deployer-${name}-apply`, (found["ms"] ?? Number.NaN) / 1000);
      figures.set(`deployer-${name}-requests`, found["requests"] ?? Number.NaN);
      figures.set(`deployer-${name}-memory`, found["memoryMiB"] ?? Number.NaN);
    }
    await node.stopK0s();
    const again = await node.startK0s();
    await node.ask("follow-start", String(again), "api");
    const found = await node.ask("resync", String(again), "150");
    if (process.env["BENCH_DETAILS"] !== undefined) console.error("resync", found);
    figures.set("deployer-resync-requests", found["requests"] ?? Number.NaN);
    figures.set("deployer-resync-writes", found["writes"] ?? Number.NaN);
    return figures;
  },
};
