import { expect, test } from "bun:test";
import { parsedJson } from "./json.ts";

test("what is not JSON is nothing", () => {
  expect(parsedJson('{"a": [1]}')).toEqual({ a: [1] });
  expect(parsedJson('{"a": [1')).toBeUndefined();
  expect(parsedJson("")).toBeUndefined();
});
