import { defineCommand } from "../core/command.ts";
import { boolFlag, stringFlag } from "../core/flag.ts";
import { dataDirFlag, debugFlags } from "../core/persistent-flags.ts";

export const sysinfoCommand = defineCommand({
  name: "sysinfo",
  summary: "Display system information",
  description:
    "Check whether this host can run k0s. Says what is wrong, why it matters and what to do, and nothing but one line when all is well; exits 1 when something that is needed is missing.",
  flags: {
    ...debugFlags,
    verbose: boolFlag("verbose", "show the checks that passed, too", { short: "v" }),
    controller: boolFlag("controller", "check what a controller needs", { default: true }),
    worker: boolFlag("worker", "check what a worker needs", { default: true }),
    dataDir: dataDirFlag,
    output: stringFlag("output", "output format: text, json or yaml", {
      short: "o",
      default: "text",
      choices: ["text", "json", "yaml"],
    }),
  },
  run: async ({ flags, io }) => (await import("./run.ts")).sysinfo(flags, io),
});
