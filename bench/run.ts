// `make bench`: measures what docs/benchmarks.md lists. Arguments choose rows, groups or scenarios by their names, `--runs N` how
// often each is measured, `-o json|markdown` the form; `--list` names them. `--beside FILE` and `--beside-env NAME=VALUE` take pairs.
// `timeline` shows where the seconds of a start go, `scale` what grows with nodes and pods.

import { parseArgs } from "node:util";
import { errorMessage, UserError } from "../src/std/errors.ts";
import { formatTable } from "../src/std/text-table.ts";
import { unknownWords } from "./choice.ts";
import { describeMachine, machineFacts } from "./machine-facts.ts";
import { measure, type MeasureOptions, type Outcome } from "./measure.ts";
import { pairHeader, pairTable } from "./pairs/pairs.ts";
import { takePairs } from "./pairs/take.ts";
import { scenarios } from "./scenarios.ts";
import { runScale } from "./scale/run.ts";
import { markdownRows, occasionMarks, tableHeader, tableRows } from "./summary.ts";
import { runTimelines } from "./timeline/run.ts";
import { type Occasion, occasions } from "./upstream.ts";
import { besideVariant, describeVariant, type Variant } from "./variant.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "3" },
    output: { type: "string", short: "o", default: "table" },
    list: { type: "boolean", default: false },
    // Pairs, of rows and of `timeline`.
    beside: { type: "string" },
    "beside-env": { type: "string", multiple: true },
    // Of `scale`.
    sizes: { type: "string" },
    joins: { type: "string" },
    agents: { type: "string" },
    quick: { type: "boolean", default: false },
    // Of `timeline` and `scale`.
    pictures: { type: "string" },
  },
});

const stopping = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => stopping.abort(new Error(`ended by ${name}`)));
const { signal } = stopping;
const isJson = values.output === "json";

function list(): void {
  const rows = scenarios.flatMap(({ name, minutes, onDemand, rows }) =>
    rows.map(({ id, group = "", what }) => [
      name,
      onDemand === true ? `${minutes}, if named` : String(minutes),
      id,
      group,
      what,
    ]),
  );
  console.log(formatTable(["SCENARIO", "MINUTES", "ROW", "GROUP", "WHAT"], rows).trimEnd());
}

function runsOf(text: string): number {
  const runs = Number(text);
  if (Number.isInteger(runs) && runs > 0) return runs;
  throw new UserError(`--runs ${text} is no number of runs`);
}

/** Figures of other machines and days, which the table shows beside those of this one. */
function footnotes(): string {
  const kinds = Object.keys(occasions) as Occasion[];
  return kinds.map((kind) => `${occasionMarks[kind]} ${occasions[kind]}`).join("\n");
}

async function tellTable(options: MeasureOptions): Promise<Outcome<object>> {
  const machine = await machineFacts();
  const { results, missing } = await measure(options);
  if (isJson) tellJson({ machine, upstream: occasions, results, missing });
  else if (values.output === "markdown")
    console.log(`${describeMachine(machine)}\n\n${markdownRows(results)}\n\n${footnotes()}`);
  else
    console.log(
      `${describeMachine(machine)}\n\n${formatTable(tableHeader, tableRows(results))}\n${footnotes()}`,
    );
  return { results, missing };
}

async function tellPairs(options: MeasureOptions, beside: Variant): Promise<Outcome<object>> {
  const machine = await machineFacts();
  const { results, missing } = await takePairs({ ...options, beside });
  if (isJson) tellJson({ machine, beside, results, missing });
  else
    console.log(
      `${describeMachine(machine)}\nbeside: ${describeVariant(beside)}; now: this build\n\n` +
        formatTable(pairHeader, pairTable(results)).trimEnd(),
    );
  return { results, missing };
}

function tellJson(found: object): void {
  console.log(JSON.stringify(found, undefined, 2));
}

async function run(): Promise<number> {
  const { pictures, sizes, joins, agents, quick } = values;
  const [first, ...names] = positionals;
  if (values.list) {
    list();
    return 0;
  }
  if (!["table", "json", "markdown"].includes(values.output))
    throw new UserError(`-o ${values.output}: table, json or markdown`);
  const beside = await besideVariant({ beside: values.beside, besideEnv: values["beside-env"] });
  const runs = runsOf(values.runs);
  if (first === "timeline") {
    await runTimelines({ names, runs, beside, pictures }, signal);
    return 0;
  }
  if (first === "scale") {
    return (await runScale({ names, sizes, joins, agents, quick, pictures }, signal)) ? 0 : 1;
  }
  const unknown = unknownWords(positionals, scenarios);
  if (unknown.length > 0)
    throw new UserError(`no row, group or scenario is called ${unknown.join(", ")}; --list names them`);
  const options = { scenarios, words: positionals, runs, signal };
  const { missing } = await (beside === undefined ? tellTable(options) : tellPairs(options, beside));
  for (const { id } of missing) console.error(`bench: ${id} was not measured`);
  return missing.length === 0 && !signal.aborted ? 0 : 1;
}

try {
  // What an aborted run has left waiting must not hold us up.
  process.exit(await run());
} catch (err) {
  if (!(err instanceof UserError) && err !== signal.reason) throw err;
  console.error(`bench: ${errorMessage(err)}`);
  process.exit(1);
}
