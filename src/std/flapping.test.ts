import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { flapHistory } from "./flapping.ts";

const second = 1_000;
const minute = 60 * second;

test("one failure says nothing, nor do four; the fifth within ten minutes does", () => {
  const history = flapHistory();
  for (let n = 1; n <= 4; n++) history.failed(n * 12 * second);
  expect(history.often(48 * second)).toBeUndefined();
  history.failed(60 * second);
  expect(history.often(60 * second)).toBe("5 times in the last minute");
  expect(history.often(95 * second)).toBe("5 times in the last 2 minutes");
});

test("it is trusted again when it has not failed for two minutes, and one further failure makes it doubtful anew", () => {
  const history = flapHistory();
  for (let n = 0; n < 10; n++) history.failed(n * second);
  expect(history.often(2 * minute)).toBe("10 times in the last 2 minutes");
  expect(history.often(2 * minute + 9 * second)).toBeUndefined();
  history.failed(5 * minute);
  expect(history.often(5 * minute)).toBe("11 times in the last 5 minutes");
  expect(history.often(12 * minute)).toBeUndefined();
});

test("whatever fails at least every two minutes is never taken for well once it is found out", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 120 }), (everySeconds) => {
      const history = flapHistory();
      for (let n = 0; n < 40; n++) {
        const at = n * everySeconds * second;
        history.failed(at);
        if (n < 4) continue;
        expect(history.often(at)).toBeDefined();
        expect(history.often(at + everySeconds * second - 1)).toBeDefined();
      }
    }),
  );
});
