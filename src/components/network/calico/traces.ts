// What Calico leaves on a node.

import { join } from "node:path";
import { cniConfDir } from "../../../product/paths.ts";
import type { Traces } from "../../../supervisor/traces.ts";
import { cniNetworks } from "../cni-networks.ts";

export const calicoTraces: Traces = {
  paths: [
    join(cniConfDir, "10-calico.conflist"),
    join(cniConfDir, "calico-kubeconfig"),
    "/run/calico",
    "/var/lib/calico",
    "/var/log/calico",
    "/run/nodeagent",
  ],
  mountedBelow: ["/run/calico", "/var/lib/calico"],
  links: /^(cali[0-9a-f]{3,}.*|vxlan(-v6)?\.calico|wg-v6\.cali|wireguard\.cali)$/,
  chains: /^cali-/,
  sets: /^cali[46]0/,
  rules: /--comment\s+"?cali:/,
  tables: ["calico"],
  routeProtocol: "80",
  // WireGuard's: what Calico itself has encrypted goes by the main table. Felix takes the first numbers, and many others do, too.
  routingTables: {
    names: ["1", "2"],
    // What of the node's own is not sent through the tunnel.
    routeTypes: ["throw"],
    rule: /^99:\s+not from all fwmark (0x[0-9a-f]+)\/\1 lookup [12]\b/,
    provedBy: { link: "wireguard.cali", file: "/var/lib/calico/nodename" },
  },
  cniNetwork: cniNetworks.calico,
};
