import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { summarize, tableRows } from "./summary.ts";

const row = { id: "x", what: "x", unit: "s", budget: 2, command: "true" } as const;

test("the median lies between the extremes and does not depend on the order of the runs", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1 }), (runs) => {
      const result = summarize(row, runs);
      const reversed = summarize(row, runs.toReversed());
      expect(result?.median).toBe(reversed?.median ?? Number.NaN);
      expect(result?.median).toBeGreaterThanOrEqual(result?.min ?? Number.NaN);
      expect(result?.median).toBeLessThanOrEqual(result?.max ?? Number.NaN);
    }),
  );
});

test("what is over its budget says so", () => {
  const results = [summarize(row, [1, 3, 5]), summarize({ ...row, budget: 6 }, [3])];
  const cells = tableRows(results.filter((result) => result !== undefined));
  expect(cells[0]).toEqual(["x", "≤ 2 s", "3.00 s", "1.00–5.00, 3 runs", "1.50 over", "true"]);
  expect(cells[1]?.[4]).toBe("0.50");
});

test("a row that was not measured has no result", () => {
  expect(summarize(row, [])).toBeUndefined();
});
