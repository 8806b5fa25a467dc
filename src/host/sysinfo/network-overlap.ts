// Networks that the host lies in and that the cluster is to use for something else.

import { isOurInterface } from "../../os/addresses.ts";
import { cidrsOverlap, formatCidr } from "../../std/cidr.ts";
import type { ClusterNetworks } from "./cluster-networks.ts";
import { type Finding, found } from "./finding.ts";
import { pass, type Probe } from "./probe.ts";

export const networksOverlap: Finding = {
  category: "warning",
  message: "overlaps {cidr}, the network of {whose}",
  why: "Neighbours of this host in that network and {whose} of the same addresses cannot both be reached.",
  remedy:
    "Choose another range with {field} in k0s.yaml before the cluster is made, or take the address from the host (`ip address del {address} dev {interface}`).",
};

export function networkOverlapProbe({ pods, services }: ClusterNetworks): Probe {
  const used = [
    ...pods.map((cidr) => ({ cidr, whose: "pods", field: "spec.network.podCIDR" })),
    ...services.map((cidr) => ({ cidr, whose: "services", field: "spec.network.serviceCIDR" })),
  ];
  return {
    id: "network:overlap",
    displayName: "Networks of this host",
    check: async (host) => {
      const own = host
        .addresses()
        .filter(({ interface: name, loopback }) => !loopback && !isOurInterface(name))
        .flatMap(({ cidr, ...rest }) => (cidr === undefined ? [] : [{ ...rest, cidr }]));
      for (const { cidr: address, interface: name } of own) {
        const clash = used.find(({ cidr }) => cidrsOverlap(cidr, address));
        if (clash !== undefined)
          return found(networksOverlap, `${name} ${address}`, { ...clash, address, interface: name });
      }
      const networks = new Set(own.map(({ cidr }) => formatCidr(cidr)));
      return pass([...networks].join(" ") || "none");
    },
  };
}
