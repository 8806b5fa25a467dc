import { defineCommand } from "../core/command.ts";
import { listFlag, parsedFlag, stringFlag } from "../core/flag.ts";
import { configFlag, debugFlags, persistentFlags } from "../core/persistent-flags.ts";
import { parseDuration } from "../../std/duration.ts";

const yearMs = 8760 * 3_600_000;

const adminCommand = defineCommand({
  name: "admin",
  summary: "Print the administrator's kubeconfig, with the API address for use from outside",
  example: "k0s kubeconfig admin > ~/.kube/config",
  flags: { ...persistentFlags, ...debugFlags },
  run: async ({ flags, io }) => (await import("./write.ts")).kubeconfigAdmin(flags, io),
});

const createCommand = defineCommand({
  name: "create",
  usage: "username",
  summary: "Create a kubeconfig for a user",
  description:
    "Create a kubeconfig with a client certificate signed by the cluster's CA. Roles that are bound to the user or to one of its groups give it rights.",
  example: `k0s kubeconfig create username

with groups:
  k0s kubeconfig create username --groups developers,auditors`,
  args: { min: 1, max: 1 },
  flags: {
    ...persistentFlags,
    ...debugFlags,
    config: configFlag,
    groups: listFlag("groups", "groups of the user, by commas or given several times"),
    expiresAfter: parsedFlag<number>(
      "certificate-expires-after",
      "how long the certificate is valid",
      { value: yearMs, text: "8760h0m0s" },
      (texts) => parseDuration(texts.at(-1) ?? ""),
      { type: "duration" },
    ),
    contextName: stringFlag("context-name", "name of cluster and context", { default: "k0s" }),
  },
  run: async (invocation) => (await import("./write.ts")).kubeconfigCreate(invocation),
});

export const kubeconfigCommand = defineCommand({
  name: "kubeconfig",
  summary: "Create a kubeconfig file for a specified user",
  commands: [adminCommand, createCommand],
});
