// `k0s sandbox …`: throw-away clusters made of namespaces. docs/adr/0009.

import { defineCommand } from "../core/command.ts";
import { boolFlag, intFlag, listFlag, stringFlag } from "../core/flag.ts";

const output = (extra: readonly string[]) =>
  stringFlag("output", `output format: ${[...extra, "json"].join(", ")} or empty for text`, {
    short: "o",
    choices: [...extra, "json", ""],
  });

const oneName = { min: 0, max: 1 } as const;

const createCommand = defineCommand({
  name: "create",
  usage: "[name]",
  summary: "Make a cluster in a sandbox and wait until it is ready",
  description:
    "Make a cluster on machines made of namespaces. This host's network and disks stay as they are, and\n" +
    "`k0s sandbox delete` leaves no trace. Without --uplink the cluster reaches nothing outside of itself.\n\n" +
    "Controllers run no pods when there are workers, which join by token; one controller alone is a single node.",
  example: "k0s sandbox create demo\nk0s sandbox create big --controllers 3 --workers 2",
  args: oneName,
  flags: {
    controllers: intFlag("controllers", "number of controllers", { default: 1 }),
    workers: intFlag("workers", "number of workers besides the controllers"),
    config: stringFlag("config", "configuration file of the cluster", { short: "c" }),
    root: stringFlag("root", "root file system of the machines: `host` or a directory", { default: "host" }),
    args: listFlag("args", "further arguments of `k0s controller`"),
    uplink: boolFlag("uplink", "let the machines reach what this host reaches"),
    keep: boolFlag("keep", "leave the machines when the cluster does not become ready"),
    noProgress: boolFlag("no-progress", "one plain line a step, also on a terminal"),
    output: output([]),
  },
  run: async ({ flags, args, io }) =>
    (await import("./create.ts")).sandboxCreate(flags, args[0] ?? defaultName, io),
});

const listCommand = defineCommand({
  name: "list",
  aliases: ["ls"],
  summary: "List the sandboxes of this host and remove remains of dead ones",
  args: { min: 0, max: 0 },
  flags: { output: output([]) },
  run: async ({ flags, io }) => (await import("./show.ts")).sandboxList(flags, io),
});

const statusCommand = defineCommand({
  name: "status",
  usage: "[name]",
  summary: "Show how a sandbox and its cluster are",
  description: "Show how a sandbox and its cluster are. The exit code is 0 only when all is well.",
  args: oneName,
  flags: { output: output([]) },
  run: async ({ flags, args, io }) => (await import("./show.ts")).sandboxStatus(flags, args[0], io),
});

const execCommand = defineCommand({
  name: "exec",
  usage: "name[/machine] -- command [argument...]",
  summary: "Run a command in a machine of a sandbox",
  example: "k0s sandbox exec demo -- k0s kubectl get nodes",
  args: { min: 2, max: Infinity },
  run: async ({ args, io }) => (await import("./exec.ts")).sandboxExec(args, io),
});

const kubeconfigCommand = defineCommand({
  name: "kubeconfig",
  usage: "[name]",
  summary: "Print the administrator's kubeconfig of a sandbox's cluster",
  args: oneName,
  run: async ({ args, io }) => (await import("./exec.ts")).sandboxKubeconfig(args[0], io),
});

const deleteCommand = defineCommand({
  name: "delete",
  aliases: ["rm"],
  usage: "[name]",
  summary: "End a sandbox and remove everything of it",
  args: oneName,
  flags: { all: boolFlag("all", "every sandbox of this host") },
  run: async ({ flags, args, io }) => (await import("./delete.ts")).sandboxDelete(flags, args[0], io),
});

/** The default name of a sandbox. */
const defaultName = "demo";

export const sandboxCommand = defineCommand({
  name: "sandbox",
  summary: "Throw-away clusters on this host that leave it as it is",
  commands: [createCommand, listCommand, statusCommand, execCommand, kubeconfigCommand, deleteCommand],
});
