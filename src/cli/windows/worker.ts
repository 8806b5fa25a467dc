// `k0s worker` on Windows.

import { runWindowsWorker } from "../../node/windows/run.ts";
import { windowsNodePaths } from "../../product/windows-paths.ts";
import type { WorkerOptions } from "../../components/node-options.ts";
import type { Invocation } from "../core/command.ts";
import { workerOptions, type workerCommandFlags } from "../node/options.ts";
import { runWatched } from "../node/run-watched.ts";
import { warnOfVisibleToken } from "../token/warning.ts";

type WorkerInvocation = Invocation<typeof workerCommandFlags>;

export async function workerOnWindows(invocation: WorkerInvocation): Promise<void> {
  const { flags, given, io } = invocation;
  const options = windowsWorkerOptions(invocation);
  const chatty = given.has("verbose") || given.has("debug");
  await runWatched({ io, options, noProgress: flags.noProgress, chatty }, (node) => {
    warnOfVisibleToken(options.joinToken, node.log);
    return runWindowsWorker(options, node);
  });
}

/** The profile of nodes with Windows, unless another is asked for. */
export function windowsWorkerOptions({
  flags,
  given,
  args,
  io,
}: Pick<WorkerInvocation, "flags" | "given" | "args"> & {
  readonly io: Pick<WorkerInvocation["io"], "takeSecret" | "root">;
}): WorkerOptions {
  const { dataDir, statusSocket, kubeletRootDir } = flags;
  return {
    ...workerOptions(flags, args, io),
    paths: windowsNodePaths({ dataDir, statusSocket, kubeletRootDir }),
    profile: given.has("profile") ? flags.profile : "default-windows",
  };
}
