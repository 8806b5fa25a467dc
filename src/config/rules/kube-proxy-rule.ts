// kube-proxy's mode must exist, its NodePort networks must be networks. Upstream: pkg/apis/k0s/v1beta1/kubeproxy.go.

import { tryParseCidr } from "../../std/cidr.ts";
import type { ClusterConfig } from "../cluster-config.ts";
import type { ConfigProblem } from "../problem.ts";

export function kubeProxyRule({ spec: { network } }: ClusterConfig): ConfigProblem[] {
  const { disabled, mode, nodePortAddresses } = network.kubeProxy;
  const at = (...path: (string | number)[]) => ["spec", "network", "kubeProxy", ...path];
  if (disabled) return [];
  const problems: ConfigProblem[] = [];
  if (mode === "userspace") {
    problems.push({
      path: at("mode"),
      message: '"userspace" was removed from Kubernetes in 1.26; use nftables or iptables',
    });
  }
  for (const [index, address] of nodePortAddresses.entries()) {
    if (address === "primary" || tryParseCidr(address) !== undefined) continue;
    const message = `${JSON.stringify(address)} is neither a network in CIDR notation nor "primary"`;
    problems.push({ path: at("nodePortAddresses", index), message });
  }
  return problems;
}
