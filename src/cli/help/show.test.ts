import { expect, test } from "bun:test";
import { testIo } from "../core/test-io.ts";
import { runProgram } from "../program.ts";

async function output(...args: string[]): Promise<string> {
  const io = testIo();
  expect(await runProgram(args, io)).toBe(0);
  return io.stdout();
}

test("the help of a command has three spellings, and aliases count", async () => {
  const help = await output("token", "create", "--help");
  expect(help).toContain("k0s token create [flags]");
  expect(await output("help", "token", "create")).toBe(help);
  expect(await output("token", "--help", "create")).toBe(help);
  expect(await output("help")).toBe(await output("--help"));
  expect(await output("help", "server")).toBe(await output("controller", "--help"));
});

test("a word that is not a command", async () => {
  const told = runProgram(["help", "token", "nope"], testIo());
  expect(told).rejects.toThrow('unknown help topic "k0s token nope"');
});
