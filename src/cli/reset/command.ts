import { defineCommand } from "../core/command.ts";
import { boolFlag } from "../core/flag.ts";
import { configFlag, debugFlags, persistentFlags } from "../core/persistent-flags.ts";
import { criSocketFlag, kubeletRootDirFlag } from "../worker/flags.ts";

export const resetFlags = {
  ...persistentFlags,
  ...debugFlags,
  config: configFlag,
  criSocket: criSocketFlag,
  kubeletRootDir: kubeletRootDirFlag,
  yes: boolFlag("yes", "do not ask", { short: "y" }),
  dryRun: boolFlag("dry-run", "only show what would be removed"),
};

export const resetCommand = defineCommand({
  name: "reset",
  summary: "Uninstall k0s. Must be run as root",
  description: `Remove everything that k0s made on this host: processes, mounts, network links, rules, cgroups, users, directories.

Only what k0s can prove to be its own goes: its data directory must hold the record that k0s writes at the first start.
It shows what it will remove and, on a terminal, asks first; elsewhere it needs --yes, or --data-dir to name the installation.
It can be interrupted and repeated.`,
  flags: resetFlags,
  run: async (invocation) => (await import("./run.ts")).reset(invocation),
});
