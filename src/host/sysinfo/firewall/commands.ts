// The commands that open a firewall, in the words of its own tool. Pure.

import type { FilterChain, WantedPort } from "./filter-chain.ts";

/** Who writes the rules of this chain: what is told to the kernel behind a manager's back it undoes. */
export type Manager = FilterChain["tool"] | "ufw";

export function acceptNetworks(
  manager: Manager,
  chain: string,
  networks: readonly string[],
  way: "from" | "to",
) {
  return networks.map((network) => {
    if (manager === "ufw") return `ufw allow ${way} ${network}`;
    if (manager === "iptables")
      return `iptables -I ${chain} ${way === "from" ? "-s" : "-d"} ${network} -j ACCEPT`;
    const family = network.includes(":") ? "ip6" : "ip";
    return `nft insert rule ${chain} ${family} ${way === "from" ? "saddr" : "daddr"} ${network} accept`;
  });
}

export function acceptPorts(
  manager: Manager,
  chain: string,
  ports: readonly WantedPort[],
): readonly string[] {
  return ports.map(({ protocol, port }) => {
    if (manager === "ufw") return `ufw allow ${port}/${protocol}`;
    if (manager === "iptables") return `iptables -I ${chain} -p ${protocol} --dport ${port} -j ACCEPT`;
    return `nft insert rule ${chain} ${protocol} dport ${port} accept`;
  });
}

/** The rest of the sentence: what is to be done for the next boot. */
export function lastingText(manager: Manager): string {
  if (manager === "ufw") return ", which ufw keeps.";
  const where = manager === "nft" ? "in /etc/nftables.conf" : "where rules of iptables are kept";
  return `, and the same ${where}, or it is gone after the next boot.`;
}
