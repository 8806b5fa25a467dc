// The table: each scenario some times, each row's figures of all runs as one.

import { chosenOf } from "./choice.ts";
import type { Row, Scenario, TakeOptions } from "./row.ts";
import { runOnce } from "./run-once.ts";
import { type Result, summarize } from "./summary.ts";

export interface Outcome<Of> {
  readonly results: readonly Of[];
  /** Wanted, and without a figure. */
  readonly missing: readonly Row[];
}

export interface MeasureOptions {
  readonly scenarios: readonly Scenario[];
  /** They choose rows. */
  readonly words: readonly string[];
  readonly runs: number;
  readonly signal: AbortSignal;
}

export async function measure({ scenarios, words, runs, signal }: MeasureOptions): Promise<Outcome<Result>> {
  const results: Result[] = [];
  const missing: Row[] = [];
  for (const { scenario, rows } of chosenOf(words, scenarios)) {
    const wanted = new Set(rows.map(({ id }) => id));
    const figures: ReadonlyMap<string, number>[] = [];
    for (let run = 1; run <= runs && !signal.aborted; run++) {
      const title = `${scenario.name}: run ${run} of ${runs}`;
      const work = (options: TakeOptions): Promise<void> => scenario.run({ ...options, variant: {} });
      figures.push(await runOnce(title, work, { wanted, signal }));
    }
    for (const row of rows) {
      const own = figures.flatMap((run) => run.get(row.id) ?? []);
      const result = summarize(scenario, row, own);
      if (result === undefined) missing.push(row);
      else results.push(result);
    }
  }
  return { results, missing };
}
