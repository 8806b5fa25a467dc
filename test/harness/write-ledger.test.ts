import { expect, test } from "bun:test";
import { contentOf, gapsByEvent, longestGap, lostWrites, type WriteLedger } from "./write-ledger.ts";

const ledger: WriteLedger = {
  startedAt: 0,
  endedAt: 100,
  acknowledged: [10, 20, 50, 60, 95].map((at, number) => ({ number, at })),
  events: [
    { name: "first", at: 15 },
    { name: "second", at: 55 },
    { name: "last", at: 99 },
  ],
};

test("the longest gap is the one that touches the span, its ends included", () => {
  expect(longestGap(ledger, 0, 100)).toBe(35);
  expect(longestGap(ledger, 0, 15)).toBe(10);
  expect(longestGap({ ...ledger, acknowledged: [] }, 0, 100)).toBe(100);
});

test("each event has its own gap", () => {
  expect(gapsByEvent(ledger)).toEqual([
    { event: "first", gapMs: 30 },
    { event: "second", gapMs: 35 },
    { event: "last", gapMs: 5 },
  ]);
});

test("a write that is missing or says something else is lost", () => {
  const found = new Map([0, 1, 2, 4].map((number) => [number, contentOf(number)]));
  found.set(4, "else");
  expect(lostWrites(ledger, found)).toEqual([3, 4]);
});
