import { defineCommand } from "../core/command.ts";
import { boolFlag } from "../core/flag.ts";

export const versionCommand = defineCommand({
  name: "version",
  summary: "Print the k0s version",
  flags: {
    all: boolFlag("all", "print the versions of all components too", { short: "a" }),
    json: boolFlag("json", "print the versions of all components as JSON", { short: "j" }),
  },
  onWindows: true,
  run: async ({ flags, io }) => (await import("./show.ts")).version(flags, io),
});
