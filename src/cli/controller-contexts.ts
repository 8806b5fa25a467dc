// A context for every controller, `controller-NAME`, so that a kubeconfig outlives the loss of the one it came from:
// `kubectl --context controller-2 …`. Nothing where there is one controller only.

import type { NodePaths } from "../config/paths.ts";
import { isRuntimeClaimed } from "../config/runtime-config.ts";
import { activeControllers } from "../controller/controller-lease.ts";
import { kubeClientFromKubeconfig } from "../kube/kubeconfig.ts";
import { errorMessage } from "../std/errors.ts";
import type { CliIo } from "./io.ts";

const timeoutMs = 3_000;

export async function controllerContexts(
  paths: NodePaths,
  io: Pick<CliIo, "err" | "signal">,
): Promise<readonly { readonly name: string; readonly server: string }[]> {
  if (!isRuntimeClaimed(paths)) return [];
  try {
    const client = await kubeClientFromKubeconfig(paths.adminKubeconfig);
    const signal = AbortSignal.any([io.signal, AbortSignal.timeout(timeoutMs)]);
    const found = (await activeControllers(client, signal)).filter(({ apiAddress }) => apiAddress !== "");
    if (found.length < 2) return [];
    return found.map(({ name, apiAddress }) => ({
      name: `controller-${name}`,
      server: `https://${apiAddress}`,
    }));
  } catch (err) {
    io.err(`WARNING: names this controller only, the API does not tell the others: ${errorMessage(err)}\n`);
    return [];
  }
}
