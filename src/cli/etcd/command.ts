import { defineCommand } from "../core/command.ts";
import { stringFlag } from "../core/flag.ts";
import { dataDirFlag, debugFlags, persistentFlags } from "../core/persistent-flags.ts";

const common = { ...persistentFlags, ...debugFlags };

const leaveCommand = defineCommand({
  name: "leave",
  summary: "Leave the etcd cluster, or remove another member from it",
  args: { min: 0, max: 0 },
  flags: {
    ...common,
    // k0sctl 0.32 spells it so when it takes a controller out of its cluster.
    dataDir: { ...dataDirFlag, aliases: ["datadir"] },
    peerAddress: stringFlag("peer-address", "address of the member to remove (default: this node's)"),
  },
  run: async ({ flags, io }) => (await import("./members.ts")).etcdLeave(flags, io),
});

const memberListCommand = defineCommand({
  name: "member-list",
  summary: "List etcd cluster members as JSON",
  args: { min: 0, max: 0 },
  flags: common,
  run: async ({ flags, io }) => (await import("./members.ts")).etcdMemberList(flags, io),
});

const statusCommand = defineCommand({
  name: "status",
  summary: "Show this member: size and quota, raft, alarms, defragmentation",
  args: { min: 0, max: 0 },
  flags: { ...common, out: stringFlag("out", "json or text", { short: "o", choices: ["json", "text"] }) },
  run: async ({ flags, io }) => (await import("./status.ts")).etcdStatus(flags, io),
});

export const etcdCommand = defineCommand({
  name: "etcd",
  summary: "Manage the etcd cluster",
  commands: [leaveCommand, memberListCommand, statusCommand],
});
