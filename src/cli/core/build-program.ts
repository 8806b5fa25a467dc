// Turns the command tree into commander's.

import { Option } from "commander";
import { CobraCommand } from "./cobra-command.ts";
import type { Command } from "./command.ts";
import type { CliIo } from "./io.ts";

/** `onExit` gets the exit code of the command that ran. */
export function buildProgram(root: Command, io: CliIo, onExit: (code: number) => void): CobraCommand {
  const program = new CobraCommand(root, io);
  program.description(root.summary).helpCommand(false).helpOption(false);
  for (const flag of Object.values(root.flags)) {
    const name = flag.type === "" ? `--${flag.name}` : `--${flag.name} <${flag.type}>`;
    const option = new Option(flag.short === undefined ? name : `-${flag.short}, ${name}`, flag.description);
    if (flag.choices !== undefined) option.choices([...flag.choices]);
    program.addOption(option.hideHelp(flag.hidden));
  }
  for (const command of root.commands) {
    const sub = buildProgram(command, io, onExit);
    program.addCommand(sub.aliases([...(command.aliases ?? [])]), { hidden: command.hidden ?? false });
  }
  return program
    .allowExcessArguments()
    .exitOverride()
    .action(async () => onExit(await program.invoke(program.args)));
}
