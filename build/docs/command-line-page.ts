// docs/command-line.md: how commands, flags and variables differ from upstream's, from the command tree and upstream's as data.

import type { Command } from "../../src/cli/core/command.ts";
import {
  type Aspect,
  commandsOf,
  type Deviation,
  deviationsOf,
  reasonKey,
} from "./command-line/deviations.ts";
import { furtherVariables, isRead, upstreamVariables, withoutEffect } from "./command-line/environment.ts";
import { k0sctlCalls, k0sctlKubectlCalls } from "./command-line/k0sctl-calls.ts";
import type { Reasons } from "./command-line/reasons.ts";
import { upstreamCommands } from "./command-line/upstream-commands.ts";

const intro = `# The command line, compared with upstream's

All commands, flags and variables of the environment in which this release differs from upstream k0s \`v1.37.0-alpha.3\`, and why. What is not listed is the same: name, letter, kind, default, aliases, number of words. How commands behave differently: [compatibility.md](compatibility.md#commands-that-behave-differently). What each command does: \`k0s help <command>\`.

This page is made from the command tree and from upstream's as data (\`UPDATE_GOLDEN=1 bun test build/docs\`); a difference without a reason fails the test.
`;

export interface CommandLineFacts {
  readonly root: Command;
  readonly reasons: Reasons;
  /** Texts of the source, by their paths. */
  readonly sources: ReadonlyMap<string, string>;
}

export function commandLinePage({ root, reasons, sources }: CommandLineFacts): string {
  const deviations = deviationsOf(upstreamCommands, commandsOf(root));
  const why = (one: Deviation): string => reasons[one.aspect][reasonKey(one)] ?? "";
  const isFlag = ({ subject }: Deviation): boolean => subject.startsWith("--");
  const rowsOf = (
    aspects: readonly Aspect[],
    row: (one: Deviation) => readonly string[],
  ): readonly (readonly string[])[] => {
    const shown = deviations.filter(({ aspect }) => aspects.includes(aspect));
    const sorted = [...shown.filter((one) => !isFlag(one)), ...shown.filter(isFlag)];
    return joined(sorted.map((one) => [code(one.subject.replace(/^k0s /, "")), ...row(one), why(one)]));
  };
  return [
    intro,
    ...section("Commands and flags that are not there", "Asking for one is an error that says so.", [
      ["command or flag", "of", "instead"],
      ...rowsOf(["missing", "refused"], ({ commands }) => [ofText(commands)]),
    ]),
    ...section("Different", "", [
      ["command or flag", "of", "what differs", "upstream", "here", "why"],
      ...rowsOf(different, ({ commands, aspect, upstream, here }) => [
        ofText(commands),
        aspect,
        valueText(upstream),
        valueText(here),
      ]),
    ]),
    ...section("Commands and flags that upstream does not have", "", [
      ["command or flag", "of", "what for"],
      ...rowsOf(["more"], ({ commands, here }) => [[ofText(commands), here].filter(Boolean).join("; ")]),
    ]),
    ...section("Variables of the environment", "", [
      ["variable", "read by", "what it does", "here"],
      ...upstreamVariables.map((variable) => {
        const state = isRead(variable, sources) ? "the same" : (withoutEffect[variable.name] ?? "");
        return [code(variable.name), variable.of, variable.effect, state];
      }),
      ...Object.entries(furtherVariables).map(([name, effect]) => [
        code(name),
        "k0s",
        effect,
        "upstream does not have it",
      ]),
    ]),
    ...section("What k0sctl calls", k0sctlIntro, [
      ["call", "when", "what it reads", "here"],
      ...k0sctlCalls.map(({ line, when, reads, means }) => [
        code(line),
        when,
        reads,
        means === undefined ? "not yet" : "works",
      ]),
    ]),
    `Behind \`k0s kubectl\`, with \`KUBECONFIG\` set: ${k0sctlKubectlCalls.map(code).join(", ")}.\n`,
  ].join("\n");
}

const different: readonly Aspect[] = [
  "aliases",
  "words",
  "hidden",
  "kind",
  "letter",
  "default",
  "effect",
  "values",
];

const k0sctlIntro =
  "Every call of k0s in k0sctl v0.32.2, after the path of the file. `<D>` is the data directory, `<C>` the configuration, `<F>` a temporary file. Only the exit code counts unless something else is named.";

function section(
  title: string,
  text: string,
  [head = [], ...rows]: readonly (readonly string[])[],
): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [
    `## ${title}\n`,
    ...(text === "" ? [] : [`${text}\n`]),
    line(head),
    line(head.map(() => "---")),
    ...rows.map(line),
    "",
  ];
}

const code = (text: string): string => `\`${text}\``;

function ofText(commands: readonly string[]): string {
  return commands.map(code).join(", ");
}

function valueText(value: string): string {
  return value === "" ? "none" : value;
}

/** One row for all that differ in the first cell alone. */
function joined(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const groups = Map.groupBy(rows, ([, ...rest]) => JSON.stringify(rest));
  return [...groups.values()].map((group) => [
    group.map(([first = ""]) => first).join(", "),
    ...(group[0]?.slice(1) ?? []),
  ]);
}

/** A bar would end the cell, even in code. */
function cell(text: string): string {
  return text.replaceAll("|", String.raw`\|`);
}
