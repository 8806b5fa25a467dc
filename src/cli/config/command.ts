import { defineCommand } from "../core/command.ts";
import { boolFlag, stringFlag } from "../core/flag.ts";
import { featureGatesFlag } from "../controller/flags.ts";
import { dataDirFlag, debugFlags, obsoletePersistentFlags } from "../core/persistent-flags.ts";

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
  config: stringFlag("config", "config file, - for standard input, which is also read without this flag", {
    short: "c",
  }),
  featureGates: featureGatesFlag,
  ...obsoletePersistentFlags,
};

const createCommand = defineCommand({
  name: "create",
  summary: "Print the default configuration",
  flags: configCreateFlags,
  run: async ({ flags, io }) => (await import("./create.ts")).configCreate(flags, io),
});

const validateCommand = defineCommand({
  name: "validate",
  summary: "Check a configuration file",
  description:
    "Check a configuration file; prints nothing when k0s controller would take it, else every mistake with its place, and what this release cannot do yet.",
  example: "k0s config validate --config path_to_config.yaml",
  // Refused with the flag that is meant.
  args: { min: 0, max: Number.POSITIVE_INFINITY },
  usage: "",
  flags: configValidateFlags,
  run: async (invocation) => (await import("./validate.ts")).configValidate(invocation),
});

const statusCommand = defineCommand({
  name: "status",
  summary: "Show how the cluster's dynamic configuration was applied (not available yet)",
  flags: {
    dataDir: dataDirFlag,
    featureGates: featureGatesFlag,
    output: stringFlag("output", "output format, as kubectl's", { short: "o" }),
  },
  run: async () => (await import("./in-cluster.ts")).refuseDynamicConfig(),
});

const editCommand = defineCommand({
  name: "edit",
  summary: "Open the cluster's dynamic configuration in an editor (not available yet)",
  flags: { dataDir: dataDirFlag, featureGates: featureGatesFlag },
  run: async () => (await import("./in-cluster.ts")).refuseDynamicConfig(),
});

export const configCommand = defineCommand({
  name: "config",
  summary: "Configuration related sub-commands",
  flags: { featureGates: featureGatesFlag },
  commands: [createCommand, validateCommand, statusCommand, editCommand],
});
