import { defineCommand } from "../core/command.ts";

export const kubectlCommand = defineCommand({
  name: "kubectl",
  aliases: ["kc"],
  usage: "[command] [flags]",
  summary: "kubectl controls the Kubernetes cluster manager",
  description: `kubectl controls the Kubernetes cluster manager.

This is the kubectl that comes with k0s. Without --kubeconfig and KUBECONFIG it talks to the cluster of this node.`,
  passThrough: true,
  run: async ({ args, io }) => (await import("./run.ts")).kubectl(args, io),
});
