// `make bench`: measures what docs/benchmarks.md lists. Arguments choose rows or scenarios by their names, `--runs N` how
// often each is measured, `-o json` the form; `--list` names the rows. `timeline` shows where the seconds of a start go, `scale`
// what grows with nodes and pods.

import { parseArgs } from "node:util";
import { errorMessage, UserError } from "../src/std/errors.ts";
import { formatTable } from "../src/std/text-table.ts";
import { describeMachine, machineFacts } from "./machine-facts.ts";
import type { Row, Scenario } from "./row.ts";
import { scenarios } from "./scenarios.ts";
import { runScale } from "./scale/run.ts";
import { runTimelines } from "./timeline/run.ts";
import { type Result, summarize, tableHeader, tableRows } from "./summary.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "3" },
    output: { type: "string", short: "o", default: "table" },
    list: { type: "boolean", default: false },
    // Of `timeline`.
    beside: { type: "string" },
    // Of `scale`.
    sizes: { type: "string" },
    joins: { type: "string" },
    agents: { type: "string" },
    quick: { type: "boolean", default: false },
    // Of both.
    pictures: { type: "string" },
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

/** A run of a scenario that takes longer has failed: none of them needs half of it, even on a busy machine. */
const limitMs = 15 * 60_000;

interface Outcome {
  readonly results: readonly Result[];
  /** Wanted, and without a figure. */
  readonly missing: readonly Row[];
}

/** A run that fails costs its own figures only. */
async function measure(runs: number): Promise<Outcome> {
  const results: Result[] = [];
  const missing: Row[] = [];
  for (const scenario of scenarios) {
    const wanted = new Set(scenario.rows.map(({ id }) => id).filter((id) => isWanted(scenario, id)));
    if (wanted.size === 0) continue;
    const figures = new Map<string, number[]>();
    const report = (id: string, value: number): void => {
      if (Number.isNaN(value)) console.error(`bench: ${id} came without a figure`);
      else figures.set(id, [...(figures.get(id) ?? []), value]);
    };
    for (let run = 1; run <= runs && !stopping.signal.aborted; run++) {
      console.error(`${scenario.name}: run ${run} of ${runs}`);
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(limitMs)]);
      await scenario.run(wanted, report, signal).catch((err: unknown) => {
        console.error(`${scenario.name}: run ${run} failed: ${errorMessage(err)}`);
      });
    }
    for (const row of scenario.rows) {
      if (!wanted.has(row.id)) continue;
      const result = summarize(row, figures.get(row.id) ?? []);
      if (result === undefined) missing.push(row);
      else results.push(result);
    }
  }
  return { results, missing };
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

function assertRuns(text: string): number {
  const runs = Number(text);
  if (Number.isInteger(runs) && runs > 0) return runs;
  console.error(`bench: --runs ${text} is no number of runs`);
  process.exit(1);
}

if (values.list) {
  list();
} else if (positionals[0] === "timeline") {
  const { beside, pictures } = values;
  const names = positionals.slice(1);
  await runTimelines({ names, runs: assertRuns(values.runs), beside, pictures }, stopping.signal);
} else if (positionals[0] === "scale") {
  const { sizes, joins, agents, quick, pictures } = values;
  const names = positionals.slice(1);
  const options = { names, sizes, joins, agents, quick, pictures };
  const whole = await runScale(options, stopping.signal).catch((err: unknown) => {
    if (!(err instanceof UserError)) throw err;
    console.error(`bench: ${err.message}`);
    return false;
  });
  // As below: what waits for an answer that nobody wants any more ends with this.
  process.exit(whole ? 0 : 1);
} else {
  assertKnown();
  const runs = assertRuns(values.runs);
  const facts = await machineFacts();
  const { results, missing } = await measure(runs);
  if (values.output === "json") console.log(JSON.stringify({ machine: facts, results }, undefined, 2));
  else console.log(`${describeMachine(facts)}\n\n${formatTable(tableHeader, tableRows(results))}`.trimEnd());
  // Everything: where the seconds of a start go belongs to it.
  if (positionals.length === 0 && values.output !== "json" && !stopping.signal.aborted)
    await runTimelines({ names: [], runs: 1, beside: undefined, pictures: undefined }, stopping.signal);
  for (const { id } of missing) console.error(`bench: ${id} was not measured`);
  // What an aborted run has left waiting must not hold us up.
  process.exit(missing.length === 0 ? 0 : 1);
}
