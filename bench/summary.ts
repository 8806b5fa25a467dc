// Figures of several runs as one line: median, extremes, ratio to the budget, what upstream needs. Pure.

import type { Row, Scenario } from "./row.ts";
import { type Occasion, type UpstreamFigure, upstreamOf } from "./upstream.ts";

export interface Result extends Row {
  readonly scenario: string;
  readonly upstream: readonly UpstreamFigure[];
  readonly runs: readonly number[];
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Of the median to the budget; above 1 is over it. */
  readonly ratio?: number;
}

export function summarize(
  { name }: Pick<Scenario, "name">,
  row: Row,
  runs: readonly number[],
): Result | undefined {
  if (runs.length === 0) return undefined;
  const median = medianOf(runs);
  return {
    ...row,
    scenario: name,
    upstream: upstreamOf(row.id),
    runs,
    median,
    min: Math.min(...runs),
    max: Math.max(...runs),
    ...(row.budget === undefined ? {} : { ratio: ratioOf(median, row.budget) }),
  };
}

/** Of at least one. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return sorted.length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2;
}

/** Nothing is no more than nothing. */
export function ratioOf(value: number, to: number): number {
  return value === 0 && to === 0 ? 0 : value / to;
}

export function tableRows(results: readonly Result[]): readonly (readonly string[])[] {
  return results.map((result) => [
    result.scenario,
    result.id,
    result.what,
    result.budget === undefined ? "–" : `≤ ${result.budget} ${result.unit}`,
    upstreamText(result),
    `${digits(result.median)} ${result.unit}`,
    result.runs.length === 1
      ? "1 run"
      : `${digits(result.min)}–${digits(result.max)}, ${result.runs.length} runs`,
    result.ratio === undefined ? "–" : `${result.ratio.toFixed(2)}${result.ratio > 1 ? " over" : ""}`,
    result.command,
  ]);
}

export const tableHeader = [
  "SCENARIO",
  "ROW",
  "WHAT",
  "BUDGET",
  "UPSTREAM",
  "MEDIAN",
  "RANGE",
  "RATIO",
  "COMMAND",
];

/** In the table; what it stands for is told below it. */
export const occasionMarks: Readonly<Record<Occasion, string>> = { alone: "(a)", beside: "(b)" };

/** For a page: without the names by which rows are chosen. */
export function markdownRows(results: readonly Result[]): string {
  const cells = tableRows(results).map(([, , what, budget, upstream, median, range, ratio, command]) => {
    const measured = range === "1 run" ? median : `${median} (${range})`;
    return [what, budget, upstream, measured, ratio, `\`${command}\``];
  });
  const header = ["what", "budget", "upstream", "measured", "ratio", "command"];
  return [header, header.map(() => "---"), ...cells].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function upstreamText({ upstream, unit }: Result): string {
  const texts = upstream.map(({ taken, value, low, high, note }) => {
    const range = low === undefined || high === undefined ? undefined : `${low}–${high}`;
    const text = value === undefined ? range : `${value}${range === undefined ? "" : ` (${range})`}`;
    return `${text} ${unit}${note === undefined ? "" : `, ${note}`} ${occasionMarks[taken]}`;
  });
  return texts.length === 0 ? "–" : texts.join("; ");
}

export function digits(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
