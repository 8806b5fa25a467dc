// Figures of several runs as one line: median, extremes, ratio to the budget. Pure.

import type { Row } from "./row.ts";

export interface Result extends Row {
  readonly runs: readonly number[];
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Of the median to the budget; above 1 is over it. */
  readonly ratio?: number;
}

export function summarize(row: Row, runs: readonly number[]): Result | undefined {
  if (runs.length === 0) return undefined;
  const sorted = runs.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2;
  return {
    ...row,
    runs,
    median,
    min: at(0),
    max: at(sorted.length - 1),
    ...(row.budget === undefined ? {} : { ratio: ratioOf(median, row.budget) }),
  };
}

/** Of a budget of nothing, nothing is within it. */
function ratioOf(value: number, budget: number): number {
  return value === 0 ? 0 : value / budget;
}

export function tableRows(results: readonly Result[]): readonly (readonly string[])[] {
  return results.map((result) => [
    result.what,
    result.budget === undefined ? "–" : `≤ ${result.budget} ${result.unit}`,
    `${digits(result.median)} ${result.unit}`,
    result.runs.length === 1
      ? "1 run"
      : `${digits(result.min)}–${digits(result.max)}, ${result.runs.length} runs`,
    result.ratio === undefined ? "–" : `${result.ratio.toFixed(2)}${result.ratio > 1 ? " over" : ""}`,
    result.command,
  ]);
}

export const tableHeader = ["WHAT", "BUDGET", "MEDIAN", "RANGE", "RATIO", "COMMAND"];

function digits(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
