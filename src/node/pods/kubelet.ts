// What kubelet is started with: options of the node, settings of the cluster, and what the host has.

import { kubelet, type KubeletOptions } from "../../components/kubelet/component.ts";
import { kubeletDeclaration } from "../../components/kubelet/declaration.ts";
import { nodeIpFlag } from "../../components/kubelet/node-addresses.ts";
import type { WorkerNode } from "../../components/node-facts.ts";
import type { WorkerSettings } from "../../components/worker-config/schema.ts";
import { hostAddresses } from "../../os/addresses.ts";
import { detectCgroups } from "../../os/cgroups.ts";
import type { FlagMap } from "../../std/flags.ts";
import { logLevelOf } from "../../supervisor/declaration.ts";
import type { ProcessComponent } from "../../supervisor/process-component.ts";
import type { PodParts } from "./parts.ts";

export async function kubeletOf(node: WorkerNode, parts: PodParts): Promise<ProcessComponent> {
  const { settings } = parts;
  const { kubeletExtraArgs: extraArgs, criSocket, paths } = node;
  return kubelet(node, {
    logLevel: logLevelOf(kubeletDeclaration, node.logLevels),
    labels: node.labels,
    taints: node.taints,
    ...(await kubeletAddresses(parts, settings.current(), extraArgs)),
    extraArgs,
    externalCloudProvider: node.enableCloudProvider,
    kubeconfig: parts.kubeconfig,
    runtimeEndpoint: criSocket ?? paths.containerdEndpoint,
    containerdSocket: criSocket === undefined ? paths.containerdSocket : undefined,
    cgroupV1: (await detectCgroups())?.version === 1,
    profile: () => settings.current().kubeletConfiguration,
    clusterCa: parts.clusterCa,
  });
}

/** What it registers with, and what its pods may be told. */
export async function kubeletAddresses(
  parts: Pick<PodParts, "address" | "registersAddress">,
  settings: WorkerSettings,
  extraArgs: FlagMap,
): Promise<Pick<KubeletOptions, "nodeIp" | "address">> {
  const address = await parts.address();
  const registered = parts.registersAddress ? registeredAddresses(address, settings) : undefined;
  const nodeIp = extraArgs["node-ip"] ?? registered;
  return { nodeIp, address: firstOf(nodeIp ?? address) };
}

function registeredAddresses(address: string | undefined, settings: WorkerSettings): string | undefined {
  if (address === undefined) return undefined;
  const { dualStackEnabled: dualStack, primaryAddressFamily: primaryFamily } = settings;
  return nodeIpFlag({ address, dualStack, primaryFamily, hostAddresses: hostAddresses() });
}

/** A node of two families has one address of each. */
function firstOf(addresses: string | undefined): string | undefined {
  return addresses?.split(",", 1)[0];
}
