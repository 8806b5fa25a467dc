import { defineCommand } from "../command.ts";
import { boolFlag, stringFlag } from "../flag.ts";
import { featureGatesFlag } from "../flags/controller-flags.ts";
import { configFlag, dataDirFlag, debugFlags, obsoletePersistentFlags } from "../flags/persistent.ts";

/** Shared with the old command `default-config`. */
export const configCreateFlags = {
  ...debugFlags,
  includeImages: boolFlag("include-images", "include the default images in the output"),
  featureGates: featureGatesFlag,
  ...obsoletePersistentFlags,
};

/** Shared with the old command `validate config`. */
export const configValidateFlags = {
  ...debugFlags,
  config: configFlag,
  featureGates: featureGatesFlag,
  ...obsoletePersistentFlags,
};

const createCommand = defineCommand({
  name: "create",
  summary: "Print the default configuration",
  flags: configCreateFlags,
  run: async ({ flags, io }) => (await import("../actions/config-create.ts")).configCreate(flags, io),
});

const validateCommand = defineCommand({
  name: "validate",
  summary: "Check a configuration file",
  description:
    "Check a configuration file; prints nothing when it is right, else every mistake with its place.",
  example: "k0s config validate --config path_to_config.yaml",
  flags: configValidateFlags,
  run: async (invocation) => (await import("../actions/config-validate.ts")).configValidate(invocation),
});

const statusCommand = defineCommand({
  name: "status",
  summary: "Show how the cluster's dynamic configuration was applied",
  flags: {
    dataDir: dataDirFlag,
    output: stringFlag("output", "output format, as kubectl's", { short: "o" }),
  },
  run: async ({ flags, io }) => (await import("../actions/config-in-cluster.ts")).configStatus(flags, io),
});

const editCommand = defineCommand({
  name: "edit",
  summary: "Open the cluster's dynamic configuration in an editor",
  flags: { dataDir: dataDirFlag },
  run: async ({ flags, io }) => (await import("../actions/config-in-cluster.ts")).configEdit(flags, io),
});

export const configCommand = defineCommand({
  name: "config",
  summary: "Configuration related sub-commands",
  flags: { featureGates: featureGatesFlag },
  commands: [createCommand, validateCommand, statusCommand, editCommand],
});
