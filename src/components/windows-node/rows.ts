// Which of the rows for Windows a cluster has. Calico is the only network that reaches such nodes, and only in mode vxlan.
// Upstream: pkg/component/controller/calico.go, pkg/component/controller/kubeproxy.go.

import type { ClusterFields } from "../../config/changing-fields.ts";
import type { NodeConfig } from "../../config/fixed-fields.ts";

export type RowsConfig = NodeConfig & ClusterFields<"network.calico" | "network.kubeProxy">;

export interface RowsInput {
  readonly config: RowsConfig;
  /** Names given with `--disable-components`. */
  readonly disabledComponents: ReadonlySet<string>;
}

export function windowsRows({ config, disabledComponents }: RowsInput): {
  readonly kubeProxy: boolean;
  readonly calico: boolean;
} {
  const { provider, calico, kubeProxy } = config.spec.network;
  return {
    kubeProxy: !kubeProxy.disabled && !disabledComponents.has("kube-proxy"),
    calico: provider === "calico" && calico.mode === "vxlan" && !disabledComponents.has("network-provider"),
  };
}
