import { defineCommand } from "../core/command.ts";
import { stringFlag } from "../core/flag.ts";
import { persistentFlags } from "../core/persistent-flags.ts";

const statusCommand = defineCommand({
  name: "status",
  summary: "Show how Secrets are encrypted in the datastore, and what goes on",
  description:
    "Show how Secrets are encrypted in the datastore, with which key, whether a change of keys goes on and which controllers it waits for. As text the exit code is 0 only when nothing goes on.",
  example: "k0s secrets status",
  args: { min: 0, max: 0 },
  flags: {
    ...persistentFlags,
    out: stringFlag("out", "output format", {
      short: "o",
      default: "text",
      choices: ["text", "json", "yaml"],
    }),
  },
  run: async ({ flags, io }) => (await import("./status.ts")).secretsStatus(flags, io),
});

const rotateCommand = defineCommand({
  name: "rotate-key",
  summary: "Encrypt all Secrets with a new key, on all controllers",
  description:
    "Encrypt all Secrets with a new key, on all controllers. The leading controller does it, step by step; the command waits for the end. Ended early, the work goes on, and the command may be run again: it waits for the rotation that is under way.",
  example: "k0s secrets rotate-key",
  args: { min: 0, max: 0 },
  flags: persistentFlags,
  run: async ({ flags, io }) => (await import("./rotate-key.ts")).rotateKey(flags, io),
});

export const secretsCommand = defineCommand({
  name: "secrets",
  summary: "See how Secrets are encrypted, change the key",
  commands: [statusCommand, rotateCommand],
});
