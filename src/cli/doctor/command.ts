import { defineCommand } from "../core/command.ts";
import { stringFlag } from "../core/flag.ts";
import { debugFlags, persistentFlags } from "../core/persistent-flags.ts";

export const doctorCommand = defineCommand({
  name: "doctor",
  summary: "Find out what is wrong with the node of this host. Must be run as root",
  description:
    "Follow the chain from the processes to the system pods, on a running node or a dead one, and name the first broken link with its evidence and what to do. The exit code is 0 only when nothing is wrong. It changes nothing.",
  example: "k0s doctor",
  flags: {
    ...debugFlags,
    ...persistentFlags,
    out: stringFlag("out", "output format: json, yaml or empty for text", {
      short: "o",
      choices: ["json", "yaml", ""],
    }),
  },
  run: async ({ flags, io }) => (await import("./run.ts")).doctor(flags, io),
});
