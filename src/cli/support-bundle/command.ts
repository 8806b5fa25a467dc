import { defineCommand } from "../core/command.ts";
import { listFlag, parsedFlag, stringFlag } from "../core/flag.ts";
import { persistentFlags } from "../core/persistent-flags.ts";
import { parseSince } from "../logs/since.ts";

export const supportBundleCommand = defineCommand({
  name: "support-bundle",
  summary: "Collect what others need to help with this node, without secrets. Must be run as root",
  description: `Write one archive with what others need to help with this node: its status, log, versions, configuration, processes, certificates' dates, network rules, and on a controller events and objects of the cluster.

Keys, tokens and passwords are taken out. Secrets of the cluster are read to find them elsewhere, and are not in it. Names and addresses of hosts, namespaces and workloads stay. It works on a node that does not run, too.`,
  example: `An archive in this directory:
  $ k0s support-bundle

One that only the owner of this key can read:
  $ k0s support-bundle --age-recipient age1x7898dg4yghuhlu6crjjgupmu0qczmt498q4q0pzfnxxuaega9cs65dn3w`,
  flags: {
    output: stringFlag(
      "output",
      "file to write (default k0s-support-<host>-<time>.tar.gz, with .age if encrypted)",
      {
        short: "o",
      },
    ),
    ageRecipient: listFlag("age-recipient", "encrypt it for this recipient of age; repeat it for several"),
    since: parsedFlag(
      "since",
      "the log begins so long ago (24h), or at a moment (2026-11-26T19:00:00Z)",
      { value: undefined as number | undefined, text: '"24h"' },
      (texts) => parseSince(texts.at(-1) ?? "", Date.now()),
    ),
    ...persistentFlags,
  },
  run: async ({ flags, io }) => (await import("./run.ts")).writeSupportBundle(flags, io),
});
