// Figures of two that were measured in turns: of each pair both and their ratio, and the median of the ratios. Pure.

import type { Figures, Row } from "../row.ts";
import { digits, medianOf, ratioOf } from "../summary.ts";
import type { Variant } from "../variant.ts";

/** `beside` is the other file or environment, `now` this build. */
export type Side = "beside" | "now";

/** Each is first in every other pair: what a machine does first costs both alike. */
export function orderOf(pair: number): readonly [Side, Side] {
  return pair % 2 === 1 ? ["beside", "now"] : ["now", "beside"];
}

export interface Taken {
  readonly pair: number;
  readonly side: Side;
  readonly row: string;
  readonly value: number;
}

/** What one side of a pair has brought. */
export function takenOf(pair: number, side: Side, figures: Figures): readonly Taken[] {
  return [...figures].map(([row, value]) => ({ pair, side, row, value }));
}

export function variantOf(side: Side, beside: Variant): Variant {
  return side === "now" ? {} : beside;
}

export interface Pair {
  readonly pair: number;
  readonly beside: number;
  readonly now: number;
  /** Of now to beside: below 1, this build takes less. */
  readonly ratio: number;
}

export interface PairResult extends Row {
  readonly scenario: string;
  readonly pairs: readonly Pair[];
  /** Medians: of the figures, and of the ratios, which is not their ratio. */
  readonly beside: number;
  readonly now: number;
  readonly ratio: number;
}

/** Of the pairs that have both figures; undefined if none has. */
export function pairsOf(scenario: string, row: Row, taken: readonly Taken[]): PairResult | undefined {
  const own = taken.filter((one) => one.row === row.id);
  const pairs = [...new Set(own.map(({ pair }) => pair))].flatMap((pair): Pair[] => {
    const of = (side: Side): number | undefined =>
      own.find((one) => one.pair === pair && one.side === side)?.value;
    const [beside, now] = [of("beside"), of("now")];
    if (beside === undefined || now === undefined) return [];
    return [{ pair, beside, now, ratio: beside === now ? 1 : ratioOf(now, beside) }];
  });
  if (pairs.length === 0) return undefined;
  return {
    ...row,
    scenario,
    pairs,
    beside: medianOf(pairs.map(({ beside }) => beside)),
    now: medianOf(pairs.map(({ now }) => now)),
    ratio: medianOf(pairs.map(({ ratio }) => ratio)),
  };
}

export const pairHeader = ["ROW", "WHAT", "PAIR", "BESIDE", "NOW", "RATIO"];

/** A line a pair, and one of the medians. */
export function pairTable(results: readonly PairResult[]): readonly (readonly string[])[] {
  return results.flatMap(({ id, what, unit, pairs, ...median }) => {
    const cells = ({ beside, now, ratio }: Omit<Pair, "pair">): string[] => [
      `${digits(beside)} ${unit}`,
      `${digits(now)} ${unit}`,
      ratio.toFixed(3),
    ];
    return [
      ...pairs.map((one) => [id, what, String(one.pair), ...cells(one)]),
      [id, what, pairs.length === 1 ? "median of 1" : `median of ${pairs.length}`, ...cells(median)],
    ];
  });
}
