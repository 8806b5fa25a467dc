// The CNI configuration that Calico's installer writes on each node; it fills in the names between underscores.

import { nodeApiUrl, podCidrs } from "../../../config/derived.ts";
import { cidrFamily } from "../../../std/cidr.ts";
import { cniNetworks } from "../cni-networks.ts";
import type { CalicoConfig } from "../config.ts";

export function calicoCniConfig(config: CalicoConfig): string {
  const families = podCidrs(config).map(cidrFamily);
  return JSON.stringify({
    name: cniNetworks.calico,
    cniVersion: "0.3.1",
    plugins: [
      {
        type: "calico",
        // It also writes to standard error, and so into containerd's log: forty lines for each pod. It knows debug,
        // info and error; anything else, such as "warning", is info to it.
        log_level: "error",
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
        // A pod starts once Felix has written the rules for it. Without that the first connections of a new node's pods go
        // out without translation of their source, and wait half a minute for answers that cannot come.
        policy_setup_timeout_seconds: 15,
        // The installer puts an IPv4 address into brackets, which Go refuses since 1.25.2: every pod would fail until
        // calico-node writes the file again.
        kubernetes: { kubeconfig: "__KUBECONFIG_FILEPATH__", k8s_api_root: nodeApiUrl(config) },
      },
      { type: "portmap", snat: true, capabilities: { portMappings: true } },
      { type: "bandwidth", capabilities: { bandwidth: true } },
    ],
  });
}
