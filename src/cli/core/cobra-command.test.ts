import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { buildProgram } from "./build-program.ts";
import { defineCommand, type Invocation } from "./command.ts";
import { boolFlag, extraArgsFlag, intFlag, listFlag, mapFlag, obsoleteFlag, stringFlag } from "./flag.ts";
import { testIo } from "./test-io.ts";

const flags = {
  debug: boolFlag("debug", "", { short: "d" }),
  verbose: boolFlag("verbose", "", { short: "v", default: true }),
  config: stringFlag("config", "", { short: "c" }),
  port: intFlag("port", "", { default: 10 }),
  names: { ...listFlag("names", ""), aliases: ["nam"] },
  labels: mapFlag("labels", "", { short: "l" }),
  old: obsoleteFlag("old"),
  extra: extraArgsFlag("extra", ""),
};

async function parse(...args: string[]) {
  const seen: Invocation<typeof flags>[] = [];
  const run = defineCommand({
    name: "run",
    aliases: ["go"],
    summary: "",
    args: { min: 0, max: 2 },
    flags,
    run: async (one) => void seen.push(one),
  });
  const group = defineCommand({
    name: "group",
    summary: "a group",
    flags: { debug: flags.debug },
    commands: [
      defineCommand({ name: "leaf", summary: "", run: async () => 3 }),
      defineCommand({
        name: "twig",
        summary: "",
        flags,
        run: async (one) => void seen.push(one),
      }),
    ],
  });
  const io = testIo();
  let code = 0;
  const program = buildProgram(
    defineCommand({ name: "k0s", summary: "", commands: [run, group] }),
    io,
    (result) => (code = result),
  );
  await program.parseAsync(args, { from: "user" });
  return { invocation: seen[0], io, code };
}

async function failure(...args: string[]): Promise<string> {
  return parse(...args).then(
    () => "no error",
    (err: Error) => err.message,
  );
}

test("a flag of a component with two values is no reason not to start: the last one counts, and that is said", async () => {
  const { invocation, io } = await parse("run", "--extra=--a=1 --b=2", "--extra=--a=3");
  expect(invocation?.flags.extra).toEqual({ a: "3", b: "2" });
  expect(io.stderr()).toBe("Flag --extra: --a is given twice: 1 and 3; the last one counts\n");
});

describe("flags are parsed as pflag does", () => {
  test("defaults, and which were given", async () => {
    const { invocation } = await parse("run");
    expect(invocation?.flags).toMatchObject({
      debug: false,
      verbose: true,
      config: "",
      port: 10,
      names: [],
      labels: {},
    });
    expect([...invocation!.given]).toEqual([]);
  });

  test.each([
    [["run", "--config", "a", "x"], "a", ["x"]],
    [["run", "--config=a", "x"], "a", ["x"]],
    [["run", "-c", "a"], "a", []],
    [["run", "-ca"], "a", []],
    [["run", "-c=a"], "a", []],
    [["run", "-dc", "-"], "-", []],
    [["run", "x", "--config", "a", "--config", "b"], "b", ["x"]],
    [["run", "--config", "--debug"], "--debug", []],
    [["run", "--", "--config", "a"], "", ["--config", "a"]],
    [["go", "-", "-c", ""], "", ["-"]],
  ])("%p", async (args, config, words) => {
    const { invocation } = await parse(...args);
    expect(invocation?.flags.config).toBe(config);
    expect(invocation?.args).toEqual(words);
  });

  test("booleans take a value only after an equals sign", async () => {
    expect((await parse("run", "--verbose=false", "-d")).invocation?.flags).toMatchObject({
      verbose: false,
      debug: true,
    });
    expect((await parse("run", "-d", "false")).invocation).toMatchObject({
      flags: { debug: true },
      args: ["false"],
    });
    expect((await parse("run", "-dv=0")).invocation?.flags).toMatchObject({ debug: true, verbose: false });
  });

  test("lists add up, maps merge", async () => {
    const { invocation } = await parse("run", "--names=a,b", "--nam", "c", "-l", "a=1,b=x=y", "-l=a=2");
    expect(invocation?.flags).toMatchObject({ names: ["a", "b", "c"], labels: { a: "2", b: "x=y" } });
  });

  test("obsolete flags are accepted with a note", async () => {
    const { io } = await parse("run", "--old=x");
    expect(io.stderr()).toBe(
      "Flag --old has been deprecated, it has no effect and will be removed in a future release\n",
    );
  });

  test("any value survives both spellings", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (value) => {
        expect((await parse("run", `--config=${value}`)).invocation?.flags.config).toBe(value);
        expect((await parse("run", "--config", value)).invocation?.flags.config).toBe(value);
      }),
      { numRuns: 50 },
    );
  });
});

test.each([
  [["run", "--nope"], "unknown flag: --nope"],
  [["run", "--nope=1"], "unknown flag: --nope"],
  [["run", "-dx"], "unknown shorthand flag: 'x' in -dx"],
  [["run", "--config"], "flag needs an argument: --config"],
  [["run", "-c"], "flag needs an argument: 'c' in -c"],
  [["run", "--port=x"], 'invalid argument "x" for "--port" flag: must be a whole number'],
  [["run", "-d=maybe"], 'invalid argument "maybe" for "-d, --debug" flag: must be true or false'],
  [["run", "a", "b", "c"], "accepts at most 2 arg(s), received 3"],
  [["nope"], 'unknown command "nope" for "k0s"'],
  [["group", "nope"], 'unknown command "nope" for "k0s group"'],
  [["group", "leaf", "x"], 'unknown command "x" for "k0s group leaf"'],
])("%p fails", async (args, message) => {
  expect(await failure(...args)).toBe(message);
});

describe("flags in front of a sub-command are its own", () => {
  test.each([
    [["group", "--config", "leaf", "twig"], { config: "leaf" }],
    [["group", "--config=a", "--debug", "twig", "--port=3"], { debug: true, config: "a", port: 3 }],
    [["group", "-dc", "a", "twig"], { debug: true, config: "a" }],
    [["group", "-dca", "twig"], { debug: true, config: "a" }],
    [["-v=0", "group", "twig", "-d"], { debug: true, verbose: false }],
  ])("%p", async (args, values) => {
    const { invocation, code } = await parse(...args);
    expect(invocation?.flags).toMatchObject(values);
    expect(code).toBe(0);
  });

  test("one that it does not have is unknown to it", async () => {
    expect(await failure("group", "--debug", "leaf")).toBe("unknown flag: --debug");
    expect(await failure("--nope", "group", "twig")).toBe("unknown flag: --nope");
    expect(await failure("group", "-x", "twig")).toBe("unknown shorthand flag: 'x' in -x");
  });
});

test("a group alone prints its help, a leaf gives its exit code", async () => {
  expect((await parse("group")).io.stdout()).toStartWith("a group\n\nUsage:\n  k0s group [command]\n");
  expect((await parse("group", "leaf")).code).toBe(3);
});

test("a command of upstream that is not there yet says so, whatever its flags", async () => {
  for (const args of [
    ["api", "--data-dir", "/x"],
    ["keepalived-setstate", "-s", "MASTER"],
  ])
    expect(await failure(...args)).toBe(`k0s ${args[0]} is not available in this release`);
  expect(await failure("constructor")).toBe('unknown command "constructor" for "k0s"');
  // Of a command it is an argument like others.
  expect((await parse("run", "api")).invocation?.args).toEqual(["api"]);
});
