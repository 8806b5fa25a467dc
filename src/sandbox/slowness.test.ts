import { expect, test } from "bun:test";
import { hostSlowness, slowness } from "./slowness.ts";

const idle = { load: 0.2, processors: 2, answerMs: 300 };

test.each([
  ["nothing to do", {}, 1],
  ["every processor busy", { load: 4 }, 1],
  ["a load as of a disk that hangs", { load: 12 }, 3],
  ["answers that take long, on a host that does not look busy", { answerMs: 5_000 }, 5],
  ["so much that nobody can tell", { load: 400, answerMs: 60_000 }, 12],
])("%s", (_, signs, times) => {
  expect(slowness({ ...idle, ...signs })).toBe(times);
});

test("this host can be asked", () => {
  expect(hostSlowness(0)).toBeGreaterThanOrEqual(1);
  expect(hostSlowness(1e9)).toBe(12);
});
