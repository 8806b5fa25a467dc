import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { scenarios } from "./scenarios.ts";
import { markdownRows, summarize, tableRows } from "./summary.ts";
import { upstreamRows } from "./upstream.ts";

const row = { id: "x", what: "x", unit: "s", budget: 2, command: "true" } as const;
const one = { name: "one" };

test("the median lies between the extremes and does not depend on the order of the runs", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1 }), (runs) => {
      const result = summarize(one, row, runs);
      const reversed = summarize(one, row, runs.toReversed());
      expect(result?.median).toBe(reversed?.median ?? Number.NaN);
      expect(result?.median).toBeGreaterThanOrEqual(result?.min ?? Number.NaN);
      expect(result?.median).toBeLessThanOrEqual(result?.max ?? Number.NaN);
    }),
  );
});

test("what is over its budget says so", () => {
  const results = [summarize(one, row, [1, 3, 5]), summarize(one, { ...row, budget: 6 }, [3])];
  const cells = tableRows(results.filter((result) => result !== undefined));
  expect(cells[0]).toEqual([
    "one",
    "x",
    "x",
    "≤ 2 s",
    "–",
    "3.00 s",
    "1.00–5.00, 3 runs",
    "1.50 over",
    "true",
  ]);
  expect(cells[1]?.[7]).toBe("0.50");
});

test("a page has a line of what was measured, with its range if there was more than one run", () => {
  const results = [[1], [1, 3, 5]].flatMap((runs) => summarize(one, row, runs) ?? []);
  expect(markdownRows(results).split("\n").slice(1)).toEqual([
    "| --- | --- | --- | --- | --- | --- |",
    "| x | ≤ 2 s | – | 1.00 s | 0.50 | `true` |",
    "| x | ≤ 2 s | – | 3.00 s (1.00–5.00, 3 runs) | 1.50 over | `true` |",
  ]);
});

test("of nothing, only nothing is within the budget", () => {
  const none = { ...row, budget: 0 };
  expect(summarize(one, none, [0])?.ratio).toBe(0);
  expect(tableRows([summarize(one, none, [3])].flatMap((result) => result ?? []))[0]?.[7]).toEndWith(" over");
});

test("what upstream needs stands beside it, with where it was measured", () => {
  const upstreamOf = (id: string): string | undefined => {
    const result = summarize(one, { ...row, id }, [1]);
    return result === undefined ? undefined : tableRows([result])[0]?.[4];
  };
  expect(upstreamOf("single-api")).toBe("5.5 (4.5–8.6) s (a); 5.7 s (b)");
  expect(upstreamOf("controller-api")).toBe("6.2–7.3 s (a); 8.1 s (b)");
  expect(upstreamOf("stop")).toBe("2 s, pods are left running (a)");
});

test("every row that upstream has a figure of is measured", () => {
  const ids = new Set(scenarios.flatMap(({ rows }) => rows.map(({ id }) => id)));
  expect(upstreamRows.filter((id) => !ids.has(id))).toEqual([]);
});

test("a row that was not measured has no result", () => {
  expect(summarize(one, row, [])).toBeUndefined();
});
