import { defineCommand } from "../core/command.ts";
import { stringFlag } from "../core/flag.ts";
import { debugFlags, persistentFlags } from "../core/persistent-flags.ts";

export const restoreFlags = {
  ...persistentFlags,
  ...debugFlags,
  configOut: stringFlag(
    "config-out",
    "file that gets the configuration, - for standard output (default k0s_<time>.yaml in this directory)",
  ),
};

export const restoreCommand = defineCommand({
  name: "restore",
  usage: "filename",
  summary: "Make a controller of a backup. Must be run as root, while k0s does not run",
  description: `Make the data directory of a controller of an archive that k0s backup has written; - reads it from standard input. Archives of upstream's k0s can be read, too.

k0s must not run, and this host must not have a cluster: k0s reset removes one. Start the controller afterwards, with the configuration that this writes. It is the only member of its etcd: reset other controllers, and let them join again. Workers come back by themselves if the API has the address that it had.`,
  args: { min: 1, max: 1 },
  flags: restoreFlags,
  run: async (invocation) => (await import("./run.ts")).restore(invocation),
});
