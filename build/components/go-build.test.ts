import { expect, test } from "bun:test";
import { parsePlatform } from "../platform.ts";
import { cEnvironment } from "./c-compiler.ts";
import { failureHint, goEnvironment, linkerArguments } from "./go-build.ts";

test("linker arguments are the same whatever the order of the stamps", () => {
  const one = linkerArguments({ "a.B": "1", "c.D": "two words" }, { c: false });
  expect(one).toBe("-s -w -buildid= -X 'a.B=1' -X 'c.D=two words'");
  expect(linkerArguments({ "c.D": "two words", "a.B": "1" }, { c: false })).toBe(one);
  expect(linkerArguments({}, { c: true })).toContain("-static");
});

test("the person's settings do not reach the compiler", () => {
  const arm = parsePlatform("arm64");
  expect(goEnvironment(arm)).toMatchObject({
    GOFLAGS: "",
    GOARCH: "arm64",
    CGO_ENABLED: "0",
    GOTOOLCHAIN: "local",
  });
  expect(cEnvironment(arm, { defines: ["A=1"] })).toMatchObject({
    CC: "aarch64-linux-gnu-gcc",
    CGO_CFLAGS: "-O2 -DA=1",
  });
});

test("a failure comes with what to do", () => {
  expect(failureHint("dial tcp: lookup proxy: no such host")).toContain("GOPROXY");
  expect(failureHint("write /x: no space left on device")).toContain("disk space");
  expect(failureHint("compile: signal: killed")).toContain("memory");
  expect(failureHint("x.go:1:1: undefined: y")).toContain("Mend");
});
