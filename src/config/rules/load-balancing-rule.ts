// Load balancing of the API: what excludes what. Upstream: pkg/apis/k0s/v1beta1/nllb.go, pkg/apis/k0s/v1beta1/cplb.go.

import { normalizeIp } from "../../std/ip.ts";
import type { YamlPath } from "../../std/yaml-positions.ts";
import type { ClusterConfig } from "../cluster-config.ts";
import type { ConfigProblem } from "../problem.ts";
import type { NodeDefaults } from "../schema/node-defaults.ts";

const nodeLocal: YamlPath = ["spec", "network", "nodeLocalLoadBalancing", "enabled"];
const controlPlane: YamlPath = ["spec", "network", "controlPlaneLoadBalancing"];
const external: YamlPath = ["spec", "api", "externalAddress"];

export function loadBalancingRule(config: ClusterConfig, { single }: NodeDefaults): ConfigProblem[] {
  const { network } = config.spec;
  const problems: ConfigProblem[] = [];
  if (network.nodeLocalLoadBalancing.enabled && config.spec.api.externalAddress !== undefined) {
    const message = "cannot be used together with spec.api.externalAddress: choose one";
    problems.push({ path: nodeLocal, involves: [external], message });
  }
  if (network.nodeLocalLoadBalancing.enabled && single) {
    problems.push({ path: nodeLocal, message: "cannot be used with --single: there is one API server only" });
  }
  if (!network.controlPlaneLoadBalancing.enabled) return problems;
  if (single) {
    const message = "cannot be used with --single: there is one API server only";
    problems.push({ path: [...controlPlane, "enabled"], message });
  }
  return [...problems, ...vrrp(config)];
}

function vrrp(config: ClusterConfig): ConfigProblem[] {
  return config.spec.network.controlPlaneLoadBalancing.keepalived.vrrpInstances.flatMap((instance, index) => {
    const at = (...path: (string | number)[]) => [
      ...controlPlane,
      "keepalived",
      "vrrpInstances",
      index,
      ...path,
    ];
    const { unicastPeers, unicastSourceIP } = instance;
    if (unicastPeers.length === 0) return [];
    if (unicastSourceIP === undefined)
      return [{ path: at("unicastPeers"), message: "needs unicastSourceIP" }];
    const own = unicastPeers.findIndex((peer) => normalizeIp(peer) === normalizeIp(unicastSourceIP));
    if (own === -1) return [];
    const message = `"${unicastSourceIP}" is unicastSourceIP, this node itself; list the other controllers only`;
    return [{ path: at("unicastPeers", own), message }];
  });
}
