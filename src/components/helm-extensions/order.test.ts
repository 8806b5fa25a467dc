import { expect, test } from "bun:test";
import { type Chart, chartFinalizer, chartKind, type ChartStatus, specHashOf } from "./chart.ts";
import { type ChartProgress, inOrder, waitsFor } from "./order.ts";

function chart(name: string, order: number | undefined, status?: ChartStatus, leaving = false): Chart {
  const one: Chart = {
    ...chartKind,
    metadata: {
      name,
      finalizers: [chartFinalizer],
      ...(leaving ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
    },
    spec: { namespace: "n", ...(order === undefined ? {} : { order }) },
  };
  return status === undefined ? one : { ...one, status: { specHash: specHashOf(one), ...status } };
}
const idle: ChartProgress = { failed: () => false, busy: () => false };
const installed = (name: string): ChartStatus => ({ releaseName: name, namespace: "n" });

test("by number, then by name", () => {
  const names = inOrder([chart("c", 1), chart("b", 2), chart("a", 2), chart("d", undefined)]);
  expect(names.map(({ metadata }) => metadata.name)).toEqual(["d", "c", "a", "b"]);
});

test("the second waits until the first is installed, and for its upgrade", () => {
  const second = chart("second", 2);
  const waits = (first: Chart, progress: Partial<ChartProgress> = {}) =>
    waitsFor(second, [first, second], { ...idle, ...progress })?.metadata.name;
  const failed = { failed: () => true };
  expect(waits(chart("first", 1))).toBe("first");
  expect(waits(chart("first", 1, { error: "no repository" }), failed)).toBe("first");
  expect(waits(chart("first", 1, installed("first")))).toBeUndefined();
  expect(waits(chart("first", 1, { ...installed("first"), specHash: "old" }))).toBe("first");
  // Its upgrade fails, and it works as before.
  expect(waits(chart("first", 1, { ...installed("first"), error: "rolled back" }), failed)).toBeUndefined();
  // The error is of what it said before, or before this k0s began.
  expect(waits(chart("first", 1, { ...installed("first"), error: "rolled back" }))).toBe("first");
  // What its values are taken from has changed.
  expect(waits(chart("first", 1, installed("first")), { busy: () => true })).toBe("first");
  expect(waits(chart("first", 1, installed("first")), { busy: () => true, ...failed })).toBeUndefined();
  expect(waits(chart("first", 2))).toBeUndefined();
  expect(waits(chart("first", 1, undefined, true))).toBeUndefined();
});

test("the first is uninstalled after the second", () => {
  const first = chart("first", 1, installed("first"), true);
  const waits = (second: Chart, failed = false) =>
    waitsFor(first, [first, second], { ...idle, failed: (one) => failed && one === second })?.metadata.name;
  expect(waits(chart("second", 2, installed("second"), true))).toBe("second");
  expect(waits(chart("second", 2, installed("second")))).toBeUndefined();
  expect(waits(chart("second", 2, { ...installed("second"), error: "stuck" }, true), true)).toBeUndefined();
});
