// `make bench`: measures what docs/benchmarks.md lists. Arguments choose rows or scenarios by their names, `--runs N` how
// often each is measured, `-o json` the form; `--list` names the rows.

import { parseArgs } from "node:util";
import { formatTable } from "../src/std/text-table.ts";
import { describeMachine, machineFacts } from "./machine-facts.ts";
import type { Scenario } from "./row.ts";
import { scenarios } from "./scenarios.ts";
import { type Result, summarize, tableHeader, tableRows } from "./summary.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "3" },
    output: { type: "string", short: "o", default: "table" },
    list: { type: "boolean", default: false },
  },
});

const stopping = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => stopping.abort(new Error(`ended by ${name}`)));

function isWanted(scenario: Scenario, id: string): boolean {
  return positionals.length === 0 || positionals.includes(id) || positionals.includes(scenario.name);
}

function list(): void {
  const rows = scenarios.flatMap(({ name, rows }) => rows.map(({ id, what }) => [name, id, what]));
  console.log(formatTable(["SCENARIO", "ROW", "WHAT"], rows).trimEnd());
}

async function measure(runs: number): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const scenario of scenarios) {
    const wanted = new Set(scenario.rows.map(({ id }) => id).filter((id) => isWanted(scenario, id)));
    if (wanted.size === 0) continue;
    const figures = new Map<string, number[]>();
    for (let run = 1; run <= runs; run++) {
      console.error(`${scenario.name}: run ${run} of ${runs}`);
      for (const [id, value] of await scenario.run(wanted, stopping.signal))
        figures.set(id, [...(figures.get(id) ?? []), value]);
    }
    for (const row of scenario.rows) {
      const result = wanted.has(row.id) ? summarize(row, figures.get(row.id) ?? []) : undefined;
      if (result !== undefined) results.push(result);
    }
  }
  return results;
}

function assertKnown(): void {
  const known = new Set(scenarios.flatMap(({ name, rows }) => [name, ...rows.map(({ id }) => id)]));
  const unknown = positionals.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  console.error(
    `bench: no row or scenario is called ${unknown.join(", ")}; bun bench/run.ts --list names them`,
  );
  process.exit(1);
}

if (values.list) {
  list();
} else {
  assertKnown();
  const facts = await machineFacts();
  const results = await measure(Math.max(1, Number(values.runs)));
  if (values.output === "json") console.log(JSON.stringify({ machine: facts, results }, undefined, 2));
  else console.log(`${describeMachine(facts)}\n\n${formatTable(tableHeader, tableRows(results))}`.trimEnd());
}
