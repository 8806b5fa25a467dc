// The objects of every add-on that a configuration deploys, for tests that hold all of them against a rule. That none is
// forgotten says src/roles/lists.test.ts, by the workloads that components declare.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { KubeObject } from "../../kube/types.ts";
import { coredns } from "../../components/coredns/manifest.ts";
import { nodeLocalDns } from "../../components/coredns/node-local.ts";
import { konnectivityAgent } from "../../components/konnectivity/agent-manifest.ts";
import { metricsServer } from "../../components/metrics-server/manifest.ts";
import { calicoObjects } from "../../components/network/calico/manifest.ts";
import { kubeRouterObjects } from "../../components/network/kube-router/manifest.ts";
import { calicoForWindows } from "../../components/windows-node/calico.ts";
import { kubeProxyForWindows } from "../../components/windows-node/kube-proxy.ts";

/** Of both network providers, and of Windows nodes. */
export function everyAddon(config: ClusterConfig): readonly KubeObject[] {
  return [
    ...calicoObjects(config),
    ...kubeRouterObjects(config, { proxied: true }),
    ...coredns({ config, nodeCount: 1 }),
    ...nodeLocalDns(withCache(config)),
    ...metricsServer({ config, nodeCount: 1 }),
    ...konnectivityAgent({ config, singleController: true }),
    ...calicoForWindows(config),
    ...kubeProxyForWindows(config),
  ];
}

function withCache({ spec, ...config }: ClusterConfig): ClusterConfig {
  const { network } = spec;
  const nodeLocalDNS = { ...network.nodeLocalDNS, enabled: true };
  return { ...config, spec: { ...spec, network: { ...network, nodeLocalDNS } } };
}
