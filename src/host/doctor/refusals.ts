// Why a start is refused: the checks of a start, made again. The log has them as well, and they may have been put right since.

import { networksOf, unknownNetworks } from "../sysinfo/cluster-networks.ts";
import { checkHost } from "../sysinfo/checks.ts";
import { hasFailed } from "../sysinfo/probe.ts";
import { thisHost } from "../sysinfo/this-host.ts";
import type { ExaminedNode, Refusal } from "./examined-node.ts";
import { flagValue, isFlagSet } from "./service-flags.ts";

/** `args`: flags of k0s, as its service has them. */
export async function refusalsOf(
  { paths, role, workloads, config }: Pick<ExaminedNode, "paths" | "role" | "workloads" | "config">,
  args: readonly string[],
  signal: AbortSignal,
): Promise<readonly Refusal[]> {
  if (role === undefined || isFlagSet(args, "ignore-pre-flight-checks")) return [];
  // A controller whose first start was refused has no file that tells of its pods.
  const runsPods = workloads || isFlagSet(args, "enable-worker") || isFlagSet(args, "single");
  const kubeletArgs = flagValue(args, "kubelet-extra-args");
  const reports = await checkHost(
    {
      controller: role === "controller",
      worker: role === "worker" || runsPods,
      dataDir: paths.dataDir,
      networks: config === undefined ? unknownNetworks : networksOf(config),
      nodeName: /--hostname-override[= ](\S+)/.exec(kubeletArgs ?? "")?.[1],
    },
    thisHost(paths, signal),
  );
  return reports.filter(hasFailed);
}
