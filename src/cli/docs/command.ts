import { defineCommand } from "../core/command.ts";

export const docsCommand = defineCommand({
  name: "docs",
  usage: "{markdown|man}",
  summary: "Generate k0s command documentation",
  description:
    "Write the documentation of all commands: to ./docs/cli as Markdown or to ./man as manual pages.",
  args: { min: 1, max: 1, choices: ["markdown", "man"] },
  onWindows: true,
  run: async ({ args, io }) => (await import("./write.ts")).docs(args[0] ?? "", io),
});
