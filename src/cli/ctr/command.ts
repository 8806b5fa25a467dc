import { defineCommand } from "../core/command.ts";

export const ctrCommand = defineCommand({
  name: "ctr",
  usage: "[command] [flags]",
  summary: "containerd CLI",
  description:
    "containerd's ctr, talking to the containerd that k0s runs, namespace k8s.io unless told otherwise.",
  passThrough: true,
  run: async ({ args, io }) => (await import("./run.ts")).ctr(args, io),
});
