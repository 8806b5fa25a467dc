// A context for every controller, `controller-NAME`, so that a kubeconfig outlives the loss of the one it came from:
// `kubectl --context controller-2 …`. Nothing is added where there is only one controller.

import type { NodePaths } from "../../product/paths.ts";
import { isRuntimeClaimed } from "../../config/runtime-config.ts";
import { controllerContexts } from "../../components/controller-leases/component.ts";
import { kubeClientFromKubeconfig } from "../../kube/kubeconfig-client.ts";
import { createLeaseObserver } from "../../kube/lease-observer.ts";
import { readFileIfExists } from "../../os/files.ts";
import { type ControllerContext, furtherContexts } from "../../kube/kubeconfig.ts";
import { describeFailure } from "../../std/connection-failure.ts";
import { boundedWait } from "../core/bounded-wait.ts";
import type { CliIo } from "../core/io.ts";

const timeoutMs = 3_000;

export async function knownControllers(
  paths: NodePaths,
  io: Pick<CliIo, "err" | "signal">,
): Promise<readonly ControllerContext[]> {
  if (!isRuntimeClaimed(paths)) return lastKnown(paths);
  try {
    const client = await kubeClientFromKubeconfig(paths.adminKubeconfig);
    // A single look: only the wall clock can be used.
    const observer = createLeaseObserver({ clockDifferenceMs: 0 });
    const ask = (signal: AbortSignal) => controllerContexts(client, { observer, signal });
    return await boundedWait(ask, { what: "the API server", totalMs: timeoutMs }, io);
  } catch (err) {
    io.signal.throwIfAborted();
    io.err(`WARNING: the API of this host does not answer: ${describeFailure(err)}\n`);
    io.err("WARNING: the contexts are those of the controllers that were known last\n");
    return lastKnown(paths);
  }
}

async function lastKnown({ adminKubeconfig }: NodePaths): Promise<readonly ControllerContext[]> {
  const text = await readFileIfExists(adminKubeconfig);
  return text === undefined ? [] : furtherContexts(text);
}
