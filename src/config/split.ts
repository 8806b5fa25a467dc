// A configuration and its two parts.

import { clusterNetworkFields, clusterSections, type ClusterWideConfig } from "./changing-fields.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { nodeNetworkFields, nodeSections, type NodeConfig } from "./fixed-fields.ts";

export interface SplitConfig {
  readonly node: NodeConfig;
  readonly cluster: ClusterWideConfig;
}

export function splitConfig({ spec, ...document }: ClusterConfig): SplitConfig {
  const { network } = spec;
  return {
    node: { spec: { ...pick(spec, nodeSections), network: pick(network, nodeNetworkFields) } },
    cluster: {
      ...document,
      spec: { ...pick(spec, clusterSections), network: pick(network, clusterNetworkFields) },
    },
  };
}

/** Of one configuration, or of this controller's own part and a changed one of the cluster. */
export function joinConfig({ node, cluster }: SplitConfig): ClusterConfig {
  const network = { ...node.spec.network, ...cluster.spec.network };
  return { ...cluster, spec: { ...node.spec, ...cluster.spec, network } };
}

/** The fields that are named and there: an absent one stays absent. */
function pick<From extends object, Key extends keyof From>(
  from: From,
  named: Readonly<Record<Key, unknown>>,
): Pick<From, Key> {
  const entries = Object.entries(from).filter(([name]) => Object.hasOwn(named, name));
  return Object.fromEntries(entries) as Pick<From, Key>;
}
