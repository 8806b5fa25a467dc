import { expect, test } from "bun:test";
import { completeWords, formatAnswer } from "./answer.ts";
import { rootCommand } from "../program.ts";

const values = (...words: string[]): string[] =>
  completeWords(rootCommand, words).completions.map(({ value }) => value);

test("commands, sub-commands, arguments", () => {
  expect(values("con")).toEqual(["config", "controller"]);
  expect(values("config", "")).toEqual(["apply", "create", "diff", "edit", "plan", "status", "validate"]);
  expect(values("completion", "")).toEqual(["bash", "zsh", "fish", "powershell"]);
  expect(values("default")).toEqual([]);
});

test("flags and their values", () => {
  expect(values("status", "--o")).toEqual(["--out"]);
  expect(values("status", "-o", "")).toEqual(["json", "yaml"]);
  expect(values("sysinfo", "--output=j")).toEqual(["--output=json"]);
  expect(values("controller", "--enable-worker", "--sing")).toEqual(["--single"]);
});

test("file names where a flag takes any string", () => {
  expect(completeWords(rootCommand, ["controller", "-c", ""])).toEqual({ completions: [], directive: 0 });
});

test("kubectl completes itself", () => {
  expect(completeWords(rootCommand, ["kc", "get", "po"]).passThrough).toEqual({
    command: "kubectl",
    rest: ["get", "po"],
  });
});

test("the protocol", () => {
  expect(formatAnswer({ completions: [{ value: "a", description: "b" }], directive: 4 })).toBe("a\tb\n:4\n");
});
