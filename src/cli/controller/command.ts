import { defineCommand } from "../core/command.ts";
import { controllerCommandFlags } from "../node/options.ts";

export const controllerCommand = defineCommand({
  name: "controller",
  aliases: ["server"],
  usage: "[join-token]",
  summary: "Run controller",
  description: `Run a controller in the foreground.

A controller made with --single is a whole cluster of one node. The join token can also come from the environment
variable K0S_TOKEN.`,
  example: `A whole cluster on this machine:
  $ k0s controller --single

A controller that runs pods too:
  $ k0s controller --enable-worker`,
  args: { min: 0, max: 1 },
  flags: controllerCommandFlags,
  run: async (invocation) => (await import("./run.ts")).controller(invocation),
});
