import { defineCommand } from "../core/command.ts";
import { boolFlag, stringFlag } from "../core/flag.ts";
import { featureGatesFlag } from "../controller/flags.ts";
import {
  dataDirFlag,
  debugFlags,
  obsoletePersistentFlags,
  persistentFlags,
} from "../core/persistent-flags.ts";

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
  onWindows: true,
  run: async ({ flags, io }) => (await import("./create.ts")).configCreate(flags, io),
});

const validateCommand = defineCommand({
  name: "validate",
  summary: "Check a configuration file",
  description:
    "Check a configuration file; prints nothing when k0s controller would take it, but warnings about fields that have no effect; else every mistake with its place, and what this release cannot do yet.",
  example: "k0s config validate --config path_to_config.yaml",
  // Refused with the flag that is meant.
  args: { min: 0, max: Number.POSITIVE_INFINITY },
  usage: "",
  flags: configValidateFlags,
  onWindows: true,
  run: async (invocation) => (await import("./validate.ts")).configValidate(invocation),
});

const statusCommand = defineCommand({
  name: "status",
  summary: "Show how the cluster's dynamic configuration was applied",
  flags: {
    dataDir: dataDirFlag,
    featureGates: featureGatesFlag,
    output: stringFlag("output", "output format, as kubectl's", { short: "o" }),
  },
  run: async ({ flags, io }) => (await import("./in-cluster.ts")).configStatus(flags, io),
});

const editCommand = defineCommand({
  name: "edit",
  summary: "Open the cluster's dynamic configuration in an editor",
  flags: { dataDir: dataDirFlag, featureGates: featureGatesFlag },
  run: async ({ flags, io }) => (await import("./in-cluster.ts")).configEdit(flags, io),
});

const planFlags = {
  ...persistentFlags,
  config: stringFlag(
    "config",
    "config file to look at, - for standard input (default: the one that the controller was started with)",
    { short: "c" },
  ),
  out: stringFlag("out", "output format", { short: "o", default: "text", choices: ["text", "json", "yaml"] }),
};

const diffCommand = defineCommand({
  name: "diff",
  summary: "Show how a configuration differs from the one that the controller here runs with",
  description:
    "Show how a configuration differs from the one that the controller here runs with, field by field, and which of these cannot change while it runs. The exit code is 2 if there is such a field.",
  example: "k0s config diff",
  args: { min: 0, max: 0 },
  flags: planFlags,
  run: async ({ flags, io }) => (await import("./plan.ts")).configPlan(flags, io, "diff"),
});

const planCommand = defineCommand({
  name: "plan",
  summary: "Show what a configuration would do, before it is applied",
  description:
    "Show what a configuration would do, before it is applied: changed fields, manifests, flags, and what starts again where. Nothing is changed. The exit code is 2 if it would be refused.",
  example: "k0s config plan --config new.yaml",
  args: { min: 0, max: 0 },
  flags: planFlags,
  run: async ({ flags, io }) => (await import("./plan.ts")).configPlan(flags, io, "plan"),
});

const applyCommand = defineCommand({
  name: "apply",
  summary: "Have the controller here adopt its changed configuration file while it runs",
  description:
    "Have the controller here adopt its changed configuration file while it runs, and wait until it has. What cannot change while it runs is refused, and nothing is done then; what does not run with it is put back.",
  example: "k0s config apply",
  args: { min: 0, max: 0 },
  flags: planFlags,
  run: async ({ flags, io }) => (await import("./apply.ts")).configApply(flags, io),
});

export const configCommand = defineCommand({
  name: "config",
  summary: "Configuration related sub-commands",
  flags: { featureGates: featureGatesFlag },
  commands: [
    createCommand,
    validateCommand,
    diffCommand,
    planCommand,
    applyCommand,
    statusCommand,
    editCommand,
  ],
});
