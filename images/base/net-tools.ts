// The netfilter and routing programs that calico-node and kube-router call, from Debian: the one base layer that is not
// made of our own builds.

import type { LayerRecipe } from "../../build/images/recipe.ts";

const families = ["iptables", "ip6tables"];
const actions = ["", "-save", "-restore"];
const backends = ["-nft", "-legacy"];

export const netTools: LayerRecipe = {
  name: "netfilter and routing programs of Debian",
  entries: [
    {
      kind: "debian",
      packages: ["iptables", "nftables", "ipset", "conntrack", "iproute2", "netbase"],
      programs: [
        ...families.flatMap((family) =>
          backends.flatMap((backend) => actions.map((action) => `/usr/sbin/${family}${backend}${action}`)),
        ),
        "/usr/sbin/nft",
        "/usr/sbin/ipset",
        "/usr/sbin/conntrack",
        "/bin/ip",
      ],
      plugins: ["/usr/lib/$triple/xtables"],
      data: ["/etc/iproute2", "/etc/protocols", "/etc/services"],
    },
    // Debian makes the plain names by its alternatives; nft is what it chooses, too.
    ...families.flatMap((family) =>
      actions.map((action) => ({
        kind: "symlink" as const,
        path: `/usr/sbin/${family}${action}`,
        target: "xtables-nft-multi",
      })),
    ),
  ],
};
