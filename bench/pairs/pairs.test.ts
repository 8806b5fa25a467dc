import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Row } from "../row.ts";
import { orderOf, pairsOf, pairTable, type Taken } from "./pairs.ts";

const row: Row = { id: "load", what: "a load", unit: "s", command: "true" };

/** Of pairs 1, 2, …: beside, now. */
const takenOf = (figures: readonly (readonly [number, number])[]): readonly Taken[] =>
  figures.flatMap(([beside, now], index) => [
    { pair: index + 1, side: "beside" as const, row: "load", value: beside },
    { pair: index + 1, side: "now" as const, row: "load", value: now },
  ]);

test("each of two is first in every other pair", () => {
  expect([1, 2, 3].map((pair) => orderOf(pair)[0])).toEqual(["beside", "now", "beside"]);
  expect([1, 2].map((pair) => orderOf(pair).toSorted())).toEqual([
    ["beside", "now"],
    ["beside", "now"],
  ]);
});

test("of each pair both figures and their ratio; of all the median of the ratios, not the ratio of the medians", () => {
  const result = pairsOf(
    "controller",
    row,
    takenOf([
      [4, 5],
      [8, 8],
      [10, 9],
    ]),
  );
  expect(result?.pairs.map(({ ratio }) => ratio)).toEqual([1.25, 1, 0.9]);
  expect(result).toMatchObject({ scenario: "controller", beside: 8, now: 8, ratio: 1 });
  expect(pairTable(result === undefined ? [] : [result])).toEqual([
    ["load", "a load", "1", "4.00 s", "5.00 s", "1.250"],
    ["load", "a load", "2", "8.00 s", "8.00 s", "1.000"],
    ["load", "a load", "3", "10.0 s", "9.00 s", "0.900"],
    ["load", "a load", "median of 3", "8.00 s", "8.00 s", "1.000"],
  ]);
});

test("a pair that lacks a figure is none, whatever the order they came in", () => {
  const taken: Taken[] = [
    { pair: 2, side: "now", row: "load", value: 3 },
    { pair: 1, side: "beside", row: "load", value: 2 },
    { pair: 2, side: "beside", row: "load", value: 2 },
    { pair: 1, side: "now", row: "other", value: 9 },
  ];
  expect(pairsOf("s", row, taken)?.pairs).toEqual([{ pair: 2, beside: 2, now: 3, ratio: 1.5 }]);
  expect(pairsOf("s", row, taken.slice(1))).toBeUndefined();
});

test("who is measured beside whom turns the ratios around", () => {
  const figure = fc.integer({ min: 1, max: 1000 });
  fc.assert(
    fc.property(fc.array(fc.tuple(figure, figure), { minLength: 1 }), (figures) => {
      const one = pairsOf("s", row, takenOf(figures))!;
      const other = pairsOf("s", row, takenOf(figures.map(([beside, now]) => [now, beside])))!;
      for (const [index, { ratio }] of one.pairs.entries())
        expect(ratio * other.pairs[index]!.ratio).toBeCloseTo(1, 9);
      if (figures.length % 2 === 1) expect(one.ratio * other.ratio).toBeCloseTo(1, 9);
    }),
  );
});

test("nothing beside nothing is the same", () => {
  expect(pairsOf("s", row, takenOf([[0, 0]]))?.ratio).toBe(1);
});
