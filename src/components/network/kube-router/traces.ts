// What kube-router leaves on a node.

import { join } from "node:path";
import { cniConfDir } from "../../../product/paths.ts";
import type { Traces } from "../../../supervisor/traces.ts";
import { cniNetworks } from "../cni-networks.ts";

const cniConfig = join(cniConfDir, "10-kuberouter.conflist");
export const bridge = "kube-bridge";

export const kubeRouterTraces: Traces = {
  paths: [cniConfig, "/run/kube-router"],
  links: new RegExp(`^(${bridge}|kube-dummy-if|tun-[0-9a-f]{6,})$`),
  chains: /^KUBE-/,
  sets: /^(kube-router|inet6:kube-router|KUBE-|inet6:KUBE-)/,
  rules: new RegExp(
    String.raw`--comment\s+"?(kube-router |allow outbound node port traffic on node interface)|\s-[io] ${bridge}\b`,
  ),
  // Most of them are plain numbers.
  routingTables: {
    names: ["77", "78", "79", "kube-router", "kube-router-dsr", "external_ip"],
    provedBy: { link: bridge, file: cniConfig },
  },
  cniNetwork: cniNetworks.kuberouter,
};
