// `k0s docs`: every command as Markdown (./docs/cli) or manual pages (./man), as cobra's doc generators write them.

import { join } from "node:path";
import { makeDir, writeFileAtomic } from "../../os/files.ts";
import { k0sVersion } from "../../product/versions.ts";
import { usageError } from "../core/cobra-command.ts";
import type { Command } from "../core/command.ts";
import { flagList, usageLines, visibleCommands, visibleFlags } from "../core/help.ts";
import type { CliIo } from "../core/io.ts";
import { rootCommand } from "../program.ts";

export async function docs(kind: string, io: Pick<CliIo, "err">): Promise<void> {
  const formats = {
    markdown: {
      dir: join("docs", "cli"),
      name: (path: string) => `${path.replaceAll(" ", "_")}.md`,
      text: markdown,
    },
    man: { dir: "man", name: (path: string) => `${path.replaceAll(" ", "-")}.1`, text: manualPage },
  };
  if (kind !== "markdown" && kind !== "man") {
    throw usageError(
      `invalid argument ${JSON.stringify(kind)} for "k0s docs"`,
      "There are markdown and man.",
    );
  }
  const { dir, name, text } = formats[kind];
  await makeDir(dir);
  const pages = allCommands();
  for (const { command, path } of pages) await writeFileAtomic(join(dir, name(path)), text(command, path));
  io.err(`${pages.length} pages written to ${dir}\n`);
}

/** Visible commands, parents first. */
export function allCommands(
  command: Command = rootCommand,
  path = rootCommand.name,
): { command: Command; path: string }[] {
  return [
    { command, path },
    ...visibleCommands(command).flatMap((sub) => allCommands(sub, `${path} ${sub.name}`)),
  ];
}

export function markdown(command: Command, path: string): string {
  const parent = path.split(" ").slice(0, -1).join(" ");
  const see = [
    ...(parent === "" ? [] : [`* [${parent}](${parent.replaceAll(" ", "_")}.md)`]),
    ...visibleCommands(command).map(
      (sub) => `* [${path} ${sub.name}](${`${path} ${sub.name}`.replaceAll(" ", "_")}.md) - ${sub.summary}`,
    ),
  ];
  const sections = [`## ${path}`, command.summary];
  if (command.description !== undefined) sections.push("### Synopsis", command.description);
  sections.push(`\`\`\`shell\n${usageLines(command, path).join("\n")}\n\`\`\``);
  if (command.example !== undefined) sections.push("### Examples", `\`\`\`shell\n${command.example}\n\`\`\``);
  sections.push("### Options", `\`\`\`shell\n${flagList(command, path)}\n\`\`\``);
  if (see.length > 0) sections.push("### SEE ALSO", see.join("\n"));
  return `${sections.join("\n\n")}\n`;
}

export function manualPage(command: Command, path: string): string {
  const name = path.replaceAll(" ", "-");
  const flags = visibleFlags(command, path).flatMap((flag) => {
    const names = flag.short === undefined ? `--${flag.name}` : `-${flag.short}, --${flag.name}`;
    const fallback = flag.defaultText === "" ? "" : ` (default ${flag.defaultText})`;
    return [".TP", `\\fB${roff(names)}\\fP ${roff(flag.type)}`.trimEnd(), roff(flag.description + fallback)];
  });
  const lines = [
    `.TH "${name.toUpperCase()}" "1" "" "k0s ${k0sVersion}" ""`,
    ".SH NAME",
    `${roff(name)} \\- ${roff(command.summary)}`,
    ".SH SYNOPSIS",
    ...usageLines(command, path).flatMap((line) => [`\\fB${roff(line)}\\fP`, ".br"]),
    ".SH DESCRIPTION",
    roff(command.description ?? command.summary),
    ".SH OPTIONS",
    ...flags,
  ];
  if (command.example !== undefined) lines.push(".SH EXAMPLE", ".nf", roff(command.example), ".fi");
  return `${lines.join("\n")}\n`;
}

/** Backslashes, dashes and leading dots mean something to roff. */
function roff(text: string): string {
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll("-", "\\-")
    .replaceAll(/^([.'])/gm, "\\&$1");
}
