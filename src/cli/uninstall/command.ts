import { defineCommand } from "../core/command.ts";
import { boolFlag } from "../core/flag.ts";
import { debugFlags, persistentFlags } from "../core/persistent-flags.ts";

export const uninstallCommand = defineCommand({
  name: "uninstall",
  summary: "Remove the k0s service from this host. Must be run as root",
  flags: {
    ...debugFlags,
    ...persistentFlags,
    force: boolFlag("force", "also a definition that k0s did not write, or that was edited since"),
  },
  run: async ({ flags, io }) => (await import("./run.ts")).uninstall(flags, io),
  onWindows: async (invocation) => (await import("../windows/service.ts")).uninstallOnWindows(invocation),
});
