import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildProgram } from "../../src/cli/core/build-program.ts";
import { defineCommand, type Command, type Invocation } from "../../src/cli/core/command.ts";
import { boolFlag, stringFlag } from "../../src/cli/core/flag.ts";
import { refuseNotYetCommand } from "../../src/cli/core/not-yet-commands.ts";
import { testIo } from "../../src/cli/core/test-io.ts";
import { kubectlCommands, readKubectlArguments } from "../../src/cli/kubectl/arguments.ts";
import { rootCommand } from "../../src/cli/program.ts";
import { commandsOf, type Deviation, deviationsOf, reasonKey } from "./command-line/deviations.ts";
import {
  furtherVariables,
  internalVariables,
  isRead,
  upstreamVariables,
  variablesOfK0s,
  withoutEffect,
} from "./command-line/environment.ts";
import { k0sctlCalls, k0sctlKubectlCalls } from "./command-line/k0sctl-calls.ts";
import { reasons } from "./command-line/reasons.ts";
import { type UpstreamCommand, upstreamCommands } from "./command-line/upstream-commands.ts";
import { list, onOff, text } from "./command-line/upstream-flags.ts";
import { commandLinePage } from "./command-line-page.ts";

const top = join(import.meta.dir, "../..");
const sources = new Map(
  ["src/**/*.ts", "launcher/*.go", "images/k0s/entrypoint.sh"]
    .flatMap((glob) => [...new Bun.Glob(glob).scanSync(top)])
    .filter((path) => !/[._]test\.(ts|go)$/.test(path))
    .map((path) => [path, readFileSync(join(top, path), "utf8")] as const),
);
const deviations = deviationsOf(upstreamCommands, commandsOf(rootCommand));

test("docs/command-line.md is what the command tree and the reasons say", async () => {
  const file = Bun.file(join(top, "docs/command-line.md"));
  const page = commandLinePage({ root: rootCommand, reasons, sources });
  if (process.env["UPDATE_GOLDEN"] !== undefined) await Bun.write(file, page);
  expect(page).toBe(await file.text());
});

test("each deviation has a reason, and each reason a deviation", () => {
  const found = deviations.map((one) => `${one.aspect}: ${reasonKey(one)}`);
  const explained = Object.entries(reasons).flatMap(([aspect, subjects]) =>
    Object.keys(subjects).map((subject) => `${aspect}: ${subject}`),
  );
  expect([...new Set(found)].toSorted()).toEqual(explained.toSorted());
});

test("a command that is missing is refused by its name", () => {
  for (const { aspect, subject } of deviations)
    if (aspect === "missing" && subject.startsWith("k0s "))
      expect(() => refuseNotYetCommand(subject.split(" ")[1] ?? "")).toThrow("is not available");
});

describe("what is a deviation", () => {
  const flags = { yes: boolFlag("yes", ""), name: stringFlag("name", "", { default: "a" }) };
  const leaf = defineCommand({ name: "leaf", summary: "", flags, run: async () => {} });
  const theirs: UpstreamCommand = { flags: [onOff("yes"), text("name", { default: "a" })] };
  const between = (upstream: Record<string, UpstreamCommand>, ours: Command): string[] =>
    deviationsOf(upstream, commandsOf(defineCommand({ name: "k0s", summary: "", commands: [ours] }))).map(
      ({ aspect, subject, upstream: there, here }: Deviation) => `${aspect} ${subject} ${there}/${here}`,
    );

  test("nothing where all is the same", () => expect(between({ leaf: theirs }, leaf)).toEqual([]));

  test.each<[string, Partial<UpstreamCommand>, string]>([
    ["alias", { aliases: ["l"] }, "aliases k0s leaf l/"],
    ["words", { args: [0, 1] }, "words k0s leaf 0 to 1/0"],
    ["hidden", { hidden: true }, "hidden k0s leaf true/false"],
    ["missing flag", { flags: [...theirs.flags, text("x")] }, "missing --x /"],
    ["more flags", { flags: [onOff("yes")] }, "more --name /"],
    [
      "kind",
      { flags: [onOff("yes"), list("name", { default: "a" })] },
      "kind --name a list/the last one counts",
    ],
    ["default", { flags: [onOff("yes"), text("name")] }, "default --name /a"],
    ["letter", { flags: [onOff("yes", { short: "y" }), theirs.flags[1]!] }, "letter --yes y/"],
    [
      "effect",
      { flags: [onOff("yes", { obsolete: true }), theirs.flags[1]!] },
      "effect --yes without effect/",
    ],
    ["values", { flags: [onOff("yes", { values: ["z"] }), theirs.flags[1]!] }, "values --yes z/"],
  ])("%s", (_, change, told) => {
    expect(between({ leaf: { ...theirs, ...change } }, leaf)).toEqual([told]);
  });

  test("whole commands", () => {
    expect(between({ other: theirs }, leaf)).toEqual(["more k0s leaf /", "missing k0s other /"]);
  });
});

test("each variable of upstream is read, or is said to have no effect and why", () => {
  const unread = upstreamVariables.filter((variable) => !isRead(variable, sources)).map(({ name }) => name);
  expect(unread).toEqual(Object.keys(withoutEffect));
});

test("each variable of k0s that upstream does not have is named", () => {
  const theirs = (name: string): boolean =>
    upstreamVariables.some((one) => one.name === name || name.startsWith(one.name.replace(/\*$/, "\0")));
  const ours = [...sources.values()].flatMap(variablesOfK0s).filter((name) => !theirs(name));
  expect([...new Set(ours)].toSorted()).toEqual(
    [...Object.keys(furtherVariables), ...internalVariables].toSorted(),
  );
});

/** The same tree, which only notes what it was asked for. */
function recording(
  command: Command,
  path: readonly string[],
  note: (name: string, one: Invocation) => void,
): Command {
  const { run, commands } = command;
  return {
    ...command,
    commands: commands.map((sub) => recording(sub, [...path, sub.name], note)),
    ...(run === undefined ? {} : { run: async (one) => note(path.join(" "), one) }),
  };
}

/** As a shell does it. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2"),
  );

describe("what k0sctl calls", () => {
  test.each(k0sctlCalls)("k0s $line", async ({ line, means }) => {
    const words = wordsOf(line);
    if (means === undefined) {
      expect(() => refuseNotYetCommand(words[0] ?? "")).toThrow("is not available");
      return;
    }
    const seen: [string, Invocation][] = [];
    const root = recording(rootCommand, [], (name, one) => seen.push([name, one]));
    await buildProgram(root, testIo(), () => {}).parseAsync([...words], { from: "user" });
    const [command, flags] = means;
    expect(seen.map(([name]) => name)).toEqual([command]);
    expect(seen[0]?.[1].flags).toMatchObject(flags);
  });

  test.each(k0sctlKubectlCalls)("k0s kubectl %s", (line) => {
    const { words, unknownFlag, dataDir } = readKubectlArguments(wordsOf(line));
    expect(kubectlCommands).toContain(words[0] ?? "");
    expect(unknownFlag).toBeUndefined();
    expect(dataDir).toBe(line.startsWith("--data-dir") ? "<D>" : undefined);
  });
});
