import { defineCommand } from "../core/command.ts";
import { stringFlag } from "../core/flag.ts";
import { persistentFlags } from "../core/persistent-flags.ts";

const listCommand = defineCommand({
  name: "list",
  aliases: ["ls"],
  summary: "List the stacks: folders of manifests, and how they are applied",
  description:
    "List the stacks: folders of manifests, and how they are applied, and the Helm charts. With the tables the exit code is 0 only when every stack is applied and every chart installed.",
  example: "k0s stack list",
  args: { min: 0, max: 0 },
  flags: {
    ...persistentFlags,
    out: stringFlag("out", "output format", {
      short: "o",
      default: "table",
      choices: ["table", "json", "yaml"],
    }),
  },
  run: async ({ flags, io }) => (await import("./list.ts")).stackList(flags, io),
});

const textOrData = stringFlag("out", "output format", {
  short: "o",
  default: "text",
  choices: ["text", "json", "yaml"],
});

const statusCommand = defineCommand({
  name: "status",
  usage: "[stack...]",
  summary: "Show what is wrong with stacks, what is kept and why",
  description:
    "Show what is wrong with stacks, with file and line, what is kept and why, what was put right; without names also the Helm charts. As text the exit code is 0 only when every stack that is shown is applied, and every chart installed.",
  example: "k0s stack status shop",
  args: { min: 0, max: Number.POSITIVE_INFINITY },
  flags: { ...persistentFlags, out: textOrData },
  run: async ({ args, flags, io }) => (await import("./status.ts")).stackStatus(args, flags, io),
});

const diffCommand = defineCommand({
  name: "diff",
  usage: "[stack...]",
  summary: "Show what applying the folders of this host would change",
  description:
    "Show what applying the folders of this host would change. The API server is asked, and changes nothing. As text the exit code is 0 only when nothing would change.",
  example: "k0s stack diff shop",
  args: { min: 0, max: Number.POSITIVE_INFINITY },
  flags: { ...persistentFlags, out: textOrData },
  run: async ({ args, flags, io }) => (await import("./diff.ts")).stackDiff(args, flags, io),
});

export const stackCommand = defineCommand({
  name: "stack",
  summary: "See how folders of manifests are applied",
  commands: [listCommand, statusCommand, diffCommand],
});
