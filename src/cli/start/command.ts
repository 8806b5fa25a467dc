import { defineCommand } from "../core/command.ts";
import { debugFlags, persistentFlags } from "../core/persistent-flags.ts";

export const startCommand = defineCommand({
  name: "start",
  summary: "Start the k0s service of this host. Must be run as root",
  flags: { ...debugFlags, ...persistentFlags },
  run: async ({ flags, io }) => (await import("./run.ts")).start(flags, io),
  onWindows: async (invocation) => (await import("../windows/service.ts")).startOnWindows(invocation),
});
