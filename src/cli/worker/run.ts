// `k0s worker`: log on standard output, progress on standard error, the node itself in src/node.

import { runWorker } from "../../node/worker/run.ts";
import type { Invocation } from "../core/command.ts";
import { workerOptions, type workerCommandFlags } from "../node/options.ts";
import { runWatched } from "../node/run-watched.ts";
import { warnOfVisibleToken } from "../token/warning.ts";

export async function worker({
  flags,
  given,
  args,
  io,
}: Invocation<typeof workerCommandFlags>): Promise<void> {
  const options = workerOptions(flags, args, io);
  await runWatched(
    { io, options, noProgress: flags.noProgress, chatty: given.has("verbose") || given.has("debug") },
    (node) => {
      warnOfVisibleToken(options.joinToken, node.log);
      return runWorker(options, node);
    },
  );
}
