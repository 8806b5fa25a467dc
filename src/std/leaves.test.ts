import { expect, test } from "bun:test";
import { leavesOf } from "./leaves.ts";

test("leaves are found in lists and mappings, in their order", () => {
  expect(leavesOf({ a: [1, { b: "two" }, []], c: null, d: { e: true } })).toEqual([1, "two", null, true]);
  expect(leavesOf("alone")).toEqual(["alone"]);
});
