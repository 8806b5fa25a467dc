// Help in the layout of cobra: text, usage, aliases, examples, commands, flags.

import type { Command } from "./command.ts";
import type { Flag } from "./flag.ts";

const helpFlagFor = (path: string): FlagLine => ({
  short: "h",
  name: "help",
  type: "",
  description: `help for ${path.split(" ").at(-1)}`,
  defaultText: "",
});

type FlagLine = Pick<Flag<unknown>, "name" | "type" | "description" | "defaultText"> & { short?: string };

export function helpText(command: Command, path: string): string {
  const subCommands = visibleCommands(command);
  const sections = [
    command.description ?? command.summary,
    ["Usage:", ...usageLines(command, path).map((line) => `  ${line}`)].join("\n"),
  ];
  if (command.aliases !== undefined)
    sections.push(`Aliases:\n  ${[command.name, ...command.aliases].join(", ")}`);
  if (command.example !== undefined) sections.push(`Examples:\n${indent(command.example)}`);
  if (subCommands.length > 0) sections.push(`Available Commands:\n${commandList(subCommands)}`);
  sections.push(`Flags:\n${flagList(command, path)}`);
  if (subCommands.length > 0)
    sections.push(`Use "${path} [command] --help" for more information about a command.`);
  return `${sections.join("\n\n")}\n`;
}

export function visibleCommands(command: Command): Command[] {
  return command.commands.filter((sub) => sub.hidden !== true).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** `k0s controller [join-token] [flags]` and, for groups, `k0s config [command]`. */
export function usageLines(command: Command, path: string): string[] {
  const lines: string[] = [];
  if (command.run !== undefined) {
    const words = [path, command.usage ?? "", command.passThrough === true ? "" : "[flags]"];
    lines.push(words.filter((word) => word !== "").join(" "));
  }
  if (command.commands.length > 0) lines.push(`${path} [command]`);
  return lines;
}

/** Flags that help shows, by name. */
export function visibleFlags(command: Command, path: string): FlagLine[] {
  const flags: FlagLine[] = Object.values(command.flags).filter(
    (flag) => !flag.hidden && flag.deprecated === undefined,
  );
  return [...flags, helpFlagFor(path)].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The flag lines of pflag's FlagUsages: aligned two blanks after the longest. */
export function flagList(command: Command, path: string): string {
  const rows = visibleFlags(command, path).map((flag) => {
    const short = flag.short === undefined ? "    " : `-${flag.short}, `;
    const left = `  ${short}--${flag.name}${flag.type === "" ? "" : ` ${flag.type}`}`;
    return {
      left,
      right: flag.defaultText === "" ? flag.description : `${flag.description} (default ${flag.defaultText})`,
    };
  });
  const width = Math.max(...rows.map((row) => row.left.length));
  return rows.map((row) => `${row.left.padEnd(width)}   ${row.right}`).join("\n");
}

function commandList(commands: readonly Command[]): string {
  const width = Math.max(11, ...commands.map((command) => command.name.length));
  return commands.map((command) => `  ${command.name.padEnd(width)} ${command.summary}`).join("\n");
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? "" : `  ${line}`))
    .join("\n");
}
