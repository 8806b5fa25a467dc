// `k0s controller`: log on standard output, progress on standard error, the node itself in src/node.

import { runController } from "../../node/controller/run.ts";
import type { Invocation } from "../core/command.ts";
import { obsoleteComponent } from "./flags.ts";
import { controllerOptions, type controllerCommandFlags } from "../node/options.ts";
import { runWatched } from "../node/run-watched.ts";
import { warnOfVisibleToken } from "../token/warning.ts";

export async function controller({
  flags,
  given,
  args,
  io,
}: Invocation<typeof controllerCommandFlags>): Promise<void> {
  const options = controllerOptions(flags, args, io);
  const chatty = given.has("verbose") || given.has("debug");
  await runWatched({ io, options, noProgress: flags.noProgress, chatty }, async (node) => {
    warnOfVisibleToken(options.joinToken, node.log);
    if (flags.disableComponents.includes(obsoleteComponent)) {
      node.log.warn("Component cannot be disabled any more", { component: obsoleteComponent });
    }
    await runController(options, node);
  });
}
