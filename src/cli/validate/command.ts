import { defineCommand } from "../core/command.ts";
import { configValidateFlags } from "../config/command.ts";

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
      onWindows: true,
      run: async (invocation) => (await import("../config/validate.ts")).configValidate(invocation),
    }),
  ],
});
