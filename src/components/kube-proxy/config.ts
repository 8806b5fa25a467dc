// Arguments and configuration file of kube-proxy, which runs as a process of the worker (docs/adr/0010).
// Upstream runs it as a DaemonSet: pkg/component/controller/kubeproxy.go.

import { join } from "node:path";
import type { NodePaths } from "../../product/paths.ts";
import { joinHostPort, reachableAt } from "../../std/ip.ts";
import type { KubeProxySettings } from "../worker-config/schema.ts";

export type ProxyMode = "iptables" | "ipvs" | "nftables";

export interface KubeProxyInput {
  readonly settings: KubeProxySettings;
  readonly kubeconfig: string;
  readonly nodeName: string;
  readonly mode: ProxyMode;
}

/** The generated configuration file, mode 0600. */
export function kubeProxyConfigPath(paths: NodePaths): string {
  return join(paths.runDir, "kube-proxy", "config.yaml");
}

export function kubeProxyArgs(input: {
  settings: KubeProxySettings;
  paths: NodePaths;
  nodeName: string;
}): string[] {
  const { extraArgs, rawArgs } = input.settings;
  const extra = Object.entries(extraArgs).map(([name, value]) => `--${name}=${value}`);
  // kube-proxy lets flags that its file can express be overridden only by the file: they are few, and for the user to
  // decide.
  return [
    `--config=${kubeProxyConfigPath(input.paths)}`,
    `--hostname-override=${input.nodeName}`,
    ...extra,
    ...rawArgs,
  ];
}

/** Where it tells whether its rules are up to date; unlike `/healthz` whatever becomes of the node. */
export function kubeProxyHealthUrl({ healthzBindAddress }: KubeProxySettings): string {
  const at = healthzBindAddress.lastIndexOf(":");
  const host = healthzBindAddress.slice(0, at).replaceAll(/[[\]]/g, "");
  return `http://${joinHostPort(reachableAt(host), healthzBindAddress.slice(at + 1))}/livez`;
}

/** KubeProxyConfiguration from what `spec.network.kubeProxy` says. */
export function kubeProxyConfiguration(input: KubeProxyInput): Record<string, unknown> {
  const proxy = input.settings;
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    clientConnection: { kubeconfig: input.kubeconfig },
    clusterCIDR: proxy.clusterCIDR,
    hostnameOverride: input.nodeName,
    mode: input.mode,
    bindAddress: "0.0.0.0",
    metricsBindAddress: proxy.metricsBindAddress,
    healthzBindAddress: proxy.healthzBindAddress,
    // A computed maximum above the current one is an error where the sysctl belongs to another network namespace.
    conntrack: { maxPerCore: 0 },
    iptables: proxy.iptables,
    ipvs: proxy.ipvs,
    nftables: proxy.nftables,
    nodePortAddresses: proxy.nodePortAddresses,
    featureGates: proxy.featureGates,
  };
}
