import { defineCommand } from "../core/command.ts";
import { configCreateFlags } from "../config/command.ts";

export const defaultConfigCommand = defineCommand({
  name: "default-config",
  summary: "Print the default configuration",
  hidden: true,
  deprecated: "use 'k0s config create' instead",
  flags: configCreateFlags,
  onWindows: true,
  run: async ({ flags, io }) => (await import("../config/create.ts")).configCreate(flags, io),
});
