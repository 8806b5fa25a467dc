import { defineCommand } from "../command.ts";
import { configCreateFlags } from "./config.ts";

export const defaultConfigCommand = defineCommand({
  name: "default-config",
  summary: "Print the default configuration",
  hidden: true,
  deprecated: "use 'k0s config create' instead",
  flags: configCreateFlags,
  run: async ({ flags, io }) => (await import("../actions/config-create.ts")).configCreate(flags, io),
});
