import { defineCommand } from "../core/command.ts";
import { intFlag, obsoleteFlag, stringFlag } from "../core/flag.ts";
import { debugFlags, statusSocketFlag } from "../core/persistent-flags.ts";

const componentsCommand = defineCommand({
  name: "components",
  summary: "Get k0s instance component status information",
  flags: {
    statusSocket: statusSocketFlag,
    maxCount: intFlag("max-count", "how many events and probe results to show for each component", {
      default: 1,
    }),
    out: obsoleteFlag("out", { short: "o" }),
  },
  run: async ({ flags, io }) => (await import("./show.ts")).statusComponents(flags, io),
});

export const statusCommand = defineCommand({
  name: "status",
  summary: "Get k0s instance status information",
  description:
    "Show the state of the k0s that runs on this host. Without -o, the exit code is 0 only when all is well; with it, it is 0 whenever k0s answers, and Healthy says the rest.",
  example: "k0s status",
  flags: {
    ...debugFlags,
    statusSocket: statusSocketFlag,
    out: stringFlag("out", "output format: json, yaml or empty for text", {
      short: "o",
      choices: ["json", "yaml", ""],
    }),
  },
  commands: [componentsCommand],
  run: async ({ flags, io }) => (await import("./show.ts")).status(flags, io),
  onWindows: async (invocation) => (await import("../windows/service.ts")).statusOnWindows(invocation),
});
