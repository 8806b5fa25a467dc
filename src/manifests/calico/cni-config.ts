// The CNI configuration that Calico's installer writes on each node; it fills in the names between underscores.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import { podCidrs } from "../../config/derived.ts";
import { cidrFamily } from "../../std/cidr.ts";

export function calicoCniConfig(config: ClusterConfig): string {
  const families = podCidrs(config).map(cidrFamily);
  return JSON.stringify({
    name: "k8s-pod-network",
    cniVersion: "0.3.1",
    plugins: [
      {
        type: "calico",
        log_level: "info",
        log_file_path: "/var/log/calico/cni/cni.log",
        datastore_type: "kubernetes",
        nodename: "__KUBERNETES_NODE_NAME__",
        mtu: config.spec.network.calico.mtu,
        ipam: {
          type: "calico-ipam",
          assign_ipv4: families.includes(4) ? "true" : "false",
          assign_ipv6: families.includes(6) ? "true" : "false",
        },
        policy: { type: "k8s" },
        kubernetes: { kubeconfig: "__KUBECONFIG_FILEPATH__" },
      },
      { type: "portmap", snat: true, capabilities: { portMappings: true } },
      { type: "bandwidth", capabilities: { bandwidth: true } },
    ],
  });
}
