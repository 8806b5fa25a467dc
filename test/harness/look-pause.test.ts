import { expect, test } from "bun:test";
import { lookPause } from "./look-pause.ts";

test("what comes soon is seen at once, what takes long is asked for less and less often", () => {
  expect([0, 2_000, 5_000, 10_000, 60_000].map(lookPause(200))).toEqual([200, 200, 500, 1_000, 1_000]);
  expect([0, 300, 60_000].map(lookPause(20))).toEqual([20, 30, 1_000]);
  expect([0, 60_000].map(lookPause(2_000))).toEqual([2_000, 2_000]);
});
