import { componentNamesOf } from "../../roles/folds/names.ts";
import { controllerRole } from "../../roles/controller.ts";
import { workerRole } from "../../roles/worker.ts";
import { ownComponent } from "../../host/logs/line.ts";
import { defineCommand } from "../core/command.ts";
import { boolFlag, intFlag, parsedFlag } from "../core/flag.ts";
import { persistentFlags } from "../core/persistent-flags.ts";
import { levelCommand } from "./level-command.ts";
import { parseSince } from "./since.ts";

/** What can be asked for, and what a wrong name is compared with. */
export const logNames: readonly string[] = [
  ownComponent,
  ...componentNamesOf([...controllerRole, ...workerRole]),
];

export const logsCommand = defineCommand({
  name: "logs",
  usage: "[component]",
  summary: "Show the log of k0s and its components",
  description: `Show what k0s and its components have logged on this host, from systemd's journal or from the files that k0s keeps where there is none.

A component is named as in k0s status; k0s stands for what k0s says itself. Warnings and errors of components are logged, everything else with --debug.`,
  example: `The log of the last ten minutes:
  $ k0s logs --since 10m

What kubelet complains about, as it happens:
  $ k0s logs kubelet -f`,
  args: { min: 0, max: 1, choices: logNames },
  flags: {
    follow: boolFlag("follow", "go on with what is logged from now on", { short: "f" }),
    since: parsedFlag(
      "since",
      "begin so long ago (10m), or at a moment (2026-11-26T19:00:00Z)",
      { value: undefined as number | undefined, text: "" },
      (texts) => parseSince(texts.at(-1) ?? "", Date.now()),
    ),
    lines: intFlag("lines", "show the last lines only; -1 for all", { short: "n", default: -1 }),
    ...persistentFlags,
  },
  commands: [levelCommand],
  run: async ({ args, flags, io }) => (await import("./show.ts")).showLogs(args[0], flags, io),
});
