import { expect, test } from "bun:test";
import { biosRange, bootRange, diskSectors, partitionTable, systemRange } from "./disk-layout.ts";

test("partitions follow each other, and the system is the last", () => {
  const ends = [biosRange, bootRange, systemRange].map(({ start, sectors }) => start + sectors);
  expect([bootRange.start, systemRange.start]).toEqual(ends.slice(0, 2));
  // The copy of the table needs 33 sectors at the end.
  expect(diskSectors - (ends[2] ?? 0)).toBeGreaterThanOrEqual(33);
});

test("the table has all of them, and their starts are whole MiB", () => {
  const starts = [...partitionTable().matchAll(/start=(\d+)/g)].map(([, start]) => Number(start));
  expect(starts).toEqual([systemRange.start, biosRange.start, bootRange.start]);
  expect(starts.every((start) => start % 2048 === 0)).toBe(true);
});
