import { expect, test } from "bun:test";
import { parseEnvironment } from "./environment.ts";

test("values as given, or from the caller's environment; the last one counts", () => {
  expect(parseEnvironment(["A=1", "B", "C=x=y", "A=2"], { B: "here" })).toEqual([
    ["A", "2"],
    ["B", "here"],
    ["C", "x=y"],
  ]);
});

test.each([
  ["=x", "is no name of a variable"],
  ["a-b=x", "is no name of a variable"],
  ["GONE", "GONE is not set here"],
  ["A=x\0y", "line break or NUL"],
  ["A=x\ny", "line break or NUL"],
  ["A=x\rUser=nobody\r", "line break or NUL"],
  ["K0S_TOKEN=secret", "use --token-file"],
])("%j is refused", (text, why) => {
  expect(() => parseEnvironment([text], {})).toThrow(why);
});
