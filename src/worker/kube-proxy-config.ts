// Arguments and configuration file of kube-proxy, which runs as a process of the worker (docs/adr/0010).
// Upstream runs it as a DaemonSet: pkg/component/controller/kubeproxy.go; reference §8.5.

import { join } from "node:path";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { featureGatesFor, podCidrs } from "../config/derived.ts";
import type { NodePaths } from "../config/paths.ts";

export type ProxyMode = "iptables" | "nftables";

export interface KubeProxyInput {
  readonly config: ClusterConfig;
  readonly kubeconfig: string;
  readonly nodeName: string;
  readonly mode: ProxyMode;
}

/** The generated configuration file, mode 0600. */
export function kubeProxyConfigPath(paths: NodePaths): string {
  return join(paths.runDir, "kube-proxy", "config.yaml");
}

export function kubeProxyArgs(input: {
  config: ClusterConfig;
  paths: NodePaths;
  nodeName: string;
}): string[] {
  const { extraArgs, rawArgs } = input.config.spec.network.kubeProxy;
  const extra = Object.entries(extraArgs).map(([name, value]) => `--${name}=${value}`);
  // kube-proxy lets flags that its file can express be overridden only by the file: they are few, and the user's business.
  return [
    `--config=${kubeProxyConfigPath(input.paths)}`,
    `--hostname-override=${input.nodeName}`,
    ...extra,
    ...rawArgs,
  ];
}

/** KubeProxyConfiguration from `spec.network.kubeProxy`. */
export function kubeProxyConfiguration(input: KubeProxyInput): Record<string, unknown> {
  const proxy = input.config.spec.network.kubeProxy;
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    clientConnection: { kubeconfig: input.kubeconfig },
    clusterCIDR: podCidrs(input.config).join(","),
    hostnameOverride: input.nodeName,
    mode: input.mode,
    bindAddress: "0.0.0.0",
    metricsBindAddress: proxy.metricsBindAddress,
    healthzBindAddress: proxy.healthzBindAddress,
    // A computed maximum above the current one is an error where the sysctl belongs to another network namespace.
    conntrack: { maxPerCore: 0 },
    iptables: proxy.iptables,
    nftables: proxy.nftables,
    nodePortAddresses: proxy.nodePortAddresses,
    featureGates: featureGatesFor(input.config, "kube-proxy"),
  };
}
