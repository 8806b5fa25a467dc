import { expect, test } from "bun:test";
import { describeWait } from "./describe-wait.ts";

test("a long list is cut and counted", () => {
  expect(describeWait(["a", "b"])).toBe("a, b");
  expect(describeWait(["a", "b", "c", "d", "e"])).toBe("a, b, c and 2 more");
});
