import { expect, test } from "bun:test";
import { realpath } from "node:fs/promises";
import { besideVariant, describeVariant, environmentOf } from "./variant.ts";

test("nothing beside is no pair", async () => {
  expect(await besideVariant({})).toBeUndefined();
});

test("another file, other variables, or both", async () => {
  const k0s = await realpath(import.meta.path);
  expect(await besideVariant({ beside: import.meta.path })).toEqual({ k0s });
  const both = await besideVariant({ beside: import.meta.path, besideEnv: ["K0S_IDLE_GC=off", "A=b=c"] });
  expect(both).toEqual({ k0s, env: { K0S_IDLE_GC: "off", A: "b=c" } });
  expect(describeVariant(both ?? {})).toBe(`${k0s} K0S_IDLE_GC=off A=b=c`);
  expect(describeVariant({ env: { A: "1" } })).toBe("this build A=1");
});

test("a file that is not there, and what sets no variable, are told", () => {
  expect(besideVariant({ beside: "/nowhere/k0s" })).rejects.toThrow(
    "--beside /nowhere/k0s: there is no such file",
  );
  expect(() => environmentOf(["K0S_IDLE_GC"])).toThrow("write NAME=VALUE");
  expect(environmentOf(["EMPTY="])).toEqual({ EMPTY: "" });
});
