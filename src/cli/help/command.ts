import { defineCommand } from "../core/command.ts";

export const helpCommand = defineCommand({
  name: "help",
  usage: "[command]...",
  summary: "Help about any command",
  description: "Show the help of a command, as its flag --help does.",
  example: "k0s help token create",
  args: { min: 0, max: Number.POSITIVE_INFINITY },
  onWindows: true,
  run: async ({ args, io }) => (await import("./show.ts")).showHelp(args, io),
});
