// What the programs of a worker must not ask a proxy for: pulls go through it, the CNI plug-ins that containerd starts
// inherit it, and those talk to the API server. docs/adr/0046.

import { parseHostPort } from "../../config/schema/names.ts";
import type { WorkerSettings } from "./schema.ts";

export interface WorkerNoProxyInput {
  readonly settings: WorkerSettings;
  /** Hosts by which this node reaches the API, as its kubeconfigs and its network provider have them. */
  readonly apiHosts: readonly string[];
  /** Every address of this host. */
  readonly hostAddresses: readonly string[];
  readonly nodeName: string;
}

/** Addresses, networks and domains, each once. */
export function workerNoProxy(input: WorkerNoProxyInput): string[] {
  const { settings, apiHosts, hostAddresses, nodeName } = input;
  const domain = settings.kubeletConfiguration["clusterDomain"];
  const all = [
    nodeName,
    ...hostAddresses,
    ...apiHosts,
    ...(settings.apiServerAddresses ?? []).map((address) => parseHostPort(address)?.host ?? address),
    ...(settings.kubeProxyConfiguration?.clusterCIDR ?? "").split(","),
    ...(settings.serviceCIDRs ?? []),
    typeof domain === "string" ? `.${domain}` : "",
  ];
  return [...new Set(all.filter((entry) => entry !== ""))];
}
