import { describe, expect, test } from "bun:test";
import { assert, integer, property } from "fast-check";
import { formatDuration, parseDuration, tryParseDuration } from "./duration.ts";

describe("Go durations", () => {
  const table: [string, number][] = [
    ["0", 0],
    ["1m30s", 90_000],
    ["8760h", 31_536_000_000],
    ["1.5s", 1_500],
    [".5h", 1_800_000],
    ["-2ms", -2],
    ["+1µs", 0.001],
    ["3ns", 3e-6],
  ];
  test.each(table)("%s", (text, ms) => expect(parseDuration(text)).toBeCloseTo(ms, 9));

  test.each(["", "1", "s", "1 s", "1d", "1h 2m", "--1s", "1e3s", "Infinity"])("refuses %p", (text) => {
    expect(tryParseDuration(text)).toBeUndefined();
    expect(() => parseDuration(text)).toThrow("invalid duration");
  });

  const printed: [number, string][] = [
    [0, "0s"],
    [90_000, "1m30s"],
    [31_536_000_000, "8760h0m0s"],
    [1_500, "1.5s"],
    [250, "250ms"],
    [0.25, "250µs"],
    [-61_000, "-1m1s"],
  ];
  test.each(printed)("%d ms is printed as %s", (ms, text) => expect(formatDuration(ms)).toBe(text));

  test("law: what is formatted parses to itself", () => {
    assert(
      property(integer({ min: -1e12, max: 1e12 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBeCloseTo(ms, 3);
      }),
    );
  });
});
