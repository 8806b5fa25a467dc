import { defineCommand } from "../command.ts";
import { configValidateFlags } from "./config.ts";

export const validateCommand = defineCommand({
  name: "validate",
  summary: "Validation related sub-commands",
  hidden: true,
  commands: [
    defineCommand({
      name: "config",
      summary: "Check a configuration file",
      deprecated: "use 'k0s config validate' instead",
      flags: configValidateFlags,
      run: async (invocation) => (await import("../actions/config-validate.ts")).configValidate(invocation),
    }),
  ],
});
