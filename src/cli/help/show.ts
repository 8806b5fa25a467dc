// `k0s help [command]...`.

import { usageError } from "../core/cobra-command.ts";
import type { Command } from "../core/command.ts";
import { helpText } from "../core/help.ts";
import type { CliIo } from "../core/io.ts";
import { rootCommand } from "../program.ts";

export function showHelp(words: readonly string[], io: Pick<CliIo, "out">): void {
  const { command, path } = words.reduce(below, { command: rootCommand, path: rootCommand.name });
  io.out(helpText(command, path));
}

interface Place {
  readonly command: Command;
  readonly path: string;
}

function below({ command, path }: Place, word: string): Place {
  const sub = command.commands.find(({ name, aliases }) => name === word || aliases?.includes(word) === true);
  if (sub === undefined)
    throw usageError(`unknown help topic ${JSON.stringify(`${path} ${word}`)}`, `See '${path} --help'.`);
  return { command: sub, path: `${path} ${sub.name}` };
}
