import { expect, test } from "bun:test";
import { changeOf, parseLevel } from "./level.ts";

test("words say what is shown, numbers what is said", () => {
  expect(changeOf(parseLevel("info"), false)).toEqual({ shown: "info" });
  expect(changeOf(parseLevel("debug"), true)).toEqual({ shown: "debug", own: "debug" });
  expect(changeOf(parseLevel("4"), false)).toEqual({ shown: "debug" });
  expect(changeOf(parseLevel("4"), true)).toEqual({ shown: "debug", own: "4" });
  expect(changeOf(parseLevel("default"), false)).toEqual({ shown: null, own: null });
});

test.each(["11", "-1", "warning", "", "4.5"])("%j is refused", (text) => {
  expect(() => parseLevel(text)).toThrow("there is no level");
});
