import { expect, test } from "bun:test";
import { startProgress } from "./start-progress.ts";

test("new words, another reason and hard work are progress; the same complaint again is none", () => {
  const progress = startProgress(0);
  const look = (now: number, lastOutput: string[], waitingBecause?: string, processorMs?: number): number =>
    progress.quietMs(now, {
      details: { lastOutput, ...(waitingBecause === undefined ? {} : { waitingBecause }) },
      processorMs,
    });
  expect(look(1_000, [])).toBe(1_000);
  expect(look(2_000, ["I1126 09:00:01 starting"])).toBe(0);
  expect(look(3_000, ["E1126 09:00:02 dial 10.0.0.1:2379: refused, try 1"])).toBe(0);
  expect(look(9_000, ["E1126 09:00:08 dial 10.0.0.1:2379: refused, try 7"])).toBe(6_000);
  expect(look(10_000, [], "connection refused")).toBe(0);
  expect(look(15_000, [], "connection refused")).toBe(5_000);
  expect(look(16_000, [], "HTTP 500: poststarthook failed")).toBe(0);
  expect(look(20_000, [], undefined, 1_000)).toBe(4_000);
  expect(look(25_000, [], undefined, 1_100)).toBe(9_000);
  expect(look(30_000, [], undefined, 4_000)).toBe(0);
});
