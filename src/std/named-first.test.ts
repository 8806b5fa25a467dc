import { expect, test } from "bun:test";
import { namedFirst } from "./named-first.ts";

test("a long list is cut and counted", () => {
  expect(namedFirst(["a", "b"], 3)).toBe("a, b");
  expect(namedFirst(["a", "b", "c", "d", "e"], 3)).toBe("a, b, c and 2 more");
});
