import { expect, test } from "bun:test";
import { assert, dictionary, property, stringMatching } from "fast-check";
import { appendToFlag, mergeFlags, parseExtraArgs, renderFlags, withDefaults } from "./flags.ts";

const flagMaps = dictionary(stringMatching(/^[a-z][a-z-]{0,8}$/), stringMatching(/^[a-z0-9/]{0,6}$/));

test("a later map overrides an earlier one and keeps the rest", () => {
  assert(
    property(flagMaps, flagMaps, (a, b) => {
      const merged = mergeFlags(a, b);
      for (const [name, value] of Object.entries(b)) expect(merged[name]).toBe(value);
      for (const [name, value] of Object.entries(a)) if (!(name in b)) expect(merged[name]).toBe(value);
    }),
  );
});

test("rendered flags parse back to the same map", () => {
  assert(
    property(flagMaps, (flags) => {
      expect(parseExtraArgs(renderFlags(flags).join(" "))).toEqual(flags);
    }),
  );
});

test("an empty value counts as unset for defaults", () => {
  expect(withDefaults({ a: "", b: "x" }, { a: "1", b: "2", c: "3" })).toEqual({ a: "1", b: "x", c: "3" });
});

test("raw arguments come last and stay as they are", () => {
  expect(renderFlags({ b: "2", a: "1" }, ["--raw", "--raw"])).toEqual(["--a=1", "--b=2", "--raw", "--raw"]);
});

test("feature gates are appended to what the user gave", () => {
  expect(appendToFlag({ "feature-gates": "A=true" }, "feature-gates", ["B=false"])).toEqual({
    "feature-gates": "A=true,B=false",
  });
  expect(appendToFlag({}, "feature-gates", [])).toEqual({});
});

test("a bare extra argument is a true switch", () => {
  expect(parseExtraArgs("--v=5  --fail-swap-on node-ip=1.2.3.4")).toEqual({
    v: "5",
    "fail-swap-on": "true",
    "node-ip": "1.2.3.4",
  });
});
