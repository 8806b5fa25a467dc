import { defineCommand } from "../core/command.ts";
import { stringFlag } from "../core/flag.ts";
import { debugFlags, persistentFlags } from "../core/persistent-flags.ts";

export const backupFlags = {
  ...persistentFlags,
  ...debugFlags,
  savePath: stringFlag("save-path", "directory that gets the archive, - for standard output"),
};

export const backupCommand = defineCommand({
  name: "backup",
  summary: "Save the cluster. Must be run as root, on a controller that runs",
  description: `Write one archive, k0s_backup_<time>.tar.gz, with what makes the cluster: a copy of the datastore at one moment, certificates and keys, manifests, image bundles, and the configuration. The cluster goes on meanwhile.

Anyone who can read the archive can do everything in the cluster: its mode is 0600. It has no images and volumes of pods. A database elsewhere is saved with its own tools.`,
  flags: backupFlags,
  run: async (invocation) => (await import("./run.ts")).backup(invocation),
});
