// Answers the shell: what could follow these words. Cobra's protocol, which the scripts of @bomb.sh/tab speak.

import type { Command } from "../core/command.ts";
import type { Flag } from "../core/flag.ts";
import { visibleCommands } from "../core/help.ts";

interface Completion {
  readonly value: string;
  readonly description: string;
}

/** Bits of cobra's ShellCompDirective: 0 lets the shell complete file names, 4 does not. */
export interface CompletionAnswer {
  readonly completions: readonly Completion[];
  readonly directive: 0 | 4;
  /** The command whose words belong to another program; `rest` is for that program. */
  readonly passThrough?: { readonly command: string; readonly rest: readonly string[] };
}

const noFiles = 4;
const files = 0;

/** `words` are those after `k0s`; the last one is being typed, maybe empty. */
export function completeWords(root: Command, words: readonly string[]): CompletionAnswer {
  const typed = words.at(-1) ?? "";
  const done = words.slice(0, -1);
  let command = root;
  let pending: Flag<unknown> | undefined;
  for (const [index, word] of done.entries()) {
    if (pending !== undefined) {
      pending = undefined;
      continue;
    }
    if (word.startsWith("-")) {
      const flag = findFlag(command, word);
      pending = flag !== undefined && flag.type !== "" && !word.includes("=") ? flag : undefined;
      continue;
    }
    const sub = command.commands.find(
      (candidate) => candidate.name === word || candidate.aliases?.includes(word),
    );
    if (sub?.passThrough === true) {
      return {
        completions: [],
        directive: noFiles,
        passThrough: { command: sub.name, rest: words.slice(index + 1) },
      };
    }
    command = sub ?? command;
  }
  if (pending !== undefined) return valuesOf(pending, typed, "");
  const assigned = /^(--[^=]+=)(.*)$/.exec(typed);
  if (assigned !== null) {
    const [, prefix = "", value = ""] = assigned;
    const flag = findFlag(command, prefix);
    return flag === undefined ? { completions: [], directive: noFiles } : valuesOf(flag, value, prefix);
  }
  const found = typed.startsWith("-")
    ? flagNames(command)
    : [...subCommands(command), ...argumentValues(command)];
  return { completions: found.filter(({ value }) => value.startsWith(typed)), directive: noFiles };
}

/** One `value<tab>description` a line, then the directive. */
export function formatAnswer({ completions, directive }: CompletionAnswer): string {
  return [
    ...completions.map(({ value, description }) => `${value}\t${description}`),
    `:${directive}`,
    "",
  ].join("\n");
}

function findFlag(command: Command, word: string): Flag<unknown> | undefined {
  const name = word.replace(/=.*$/, "");
  return Object.values(command.flags).find(
    (flag) => name === `--${flag.name}` || (flag.short !== undefined && name === `-${flag.short}`),
  );
}

function valuesOf(flag: Flag<unknown>, typed: string, prefix: string): CompletionAnswer {
  const choices = flag.choices?.filter((choice) => choice !== "");
  if (choices === undefined) return { completions: [], directive: flag.type === "string" ? files : noFiles };
  const completions = choices
    .filter((choice) => choice.startsWith(typed))
    .map((choice) => ({ value: prefix + choice, description: "" }));
  return { completions, directive: noFiles };
}

function flagNames(command: Command): Completion[] {
  const flags = Object.values(command.flags).filter((flag) => !flag.hidden && flag.deprecated === undefined);
  const named = flags.map((flag) => ({ value: `--${flag.name}`, description: flag.description }));
  return [...named, { value: "--help", description: "help for this command" }].toSorted((a, b) =>
    a.value < b.value ? -1 : 1,
  );
}

function subCommands(command: Command): Completion[] {
  return visibleCommands(command).map((sub) => ({ value: sub.name, description: sub.summary }));
}

function argumentValues(command: Command): Completion[] {
  return (command.args?.choices ?? []).map((value) => ({ value, description: "" }));
}
