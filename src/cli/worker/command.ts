import { defineCommand } from "../core/command.ts";
import { workerCommandFlags } from "../node/options.ts";

export const workerCommand = defineCommand({
  name: "worker",
  usage: "[join-token]",
  summary: "Run worker",
  description: `Run a worker in the foreground.

The join token can also come from --token-file or from the environment variable K0S_TOKEN.`,
  example: "$ k0s worker --token-file path/to/token",
  args: { min: 0, max: 1 },
  flags: workerCommandFlags,
  run: async (invocation) => (await import("./run.ts")).worker(invocation),
  onWindows: async (invocation) => (await import("../windows/worker.ts")).workerOnWindows(invocation),
});
