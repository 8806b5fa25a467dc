// IPv6: only clusters of two families need it.

import { isLinkLocal } from "../../os/addresses.ts";
import { type Finding, found } from "./finding.ts";
import type { ClusterNetworks } from "./cluster-networks.ts";
import { pass, type Probe } from "./probe.ts";

export const ipv6Off: Finding = {
  category: "warning",
  message: "off, and k0s.yaml asks for both families",
  why: "The node gets no IPv6 address, and pods that have one are reached by nobody.",
  remedy:
    "`sysctl -w net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0`, and the same in /etc/sysctl.d.",
};

export const ipv6WithoutAddress: Finding = {
  category: "warning",
  message: "no address, and k0s.yaml asks for both families",
  why: "The node has no IPv6 address that others can reach it by.",
  remedy: "`ip address add ADDRESS/64 dev INTERFACE`, or let the network's router give it one.",
};

const family = "/proc/sys/net/ipv6";

export function ipv6Probe({ dualStack }: Pick<ClusterNetworks, "dualStack">): Probe {
  return {
    id: "ipv6",
    displayName: "IPv6",
    check: async (host) => {
      const disabled = await host.readText(`${family}/conf/all/disable_ipv6`);
      if (disabled === undefined || disabled.trim() === "1")
        return dualStack ? found(ipv6Off, "") : pass("off");
      const usable = host
        .addresses()
        .some(({ family: of, loopback, address }) => of === 6 && !loopback && !isLinkLocal(address));
      if (usable) return pass("on");
      return dualStack ? found(ipv6WithoutAddress, "") : pass("on, without an address of this host");
    },
  };
}
