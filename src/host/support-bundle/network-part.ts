// Addresses, routes, rules of the packet filter, and who listens.

import { listListeners } from "../../os/ports.ts";
import type { NodePaths } from "../../product/paths.ts";
import { hostToolset } from "../reset/host-tools.ts";
import { type Collector, jsonFile } from "./collect.ts";

/** File of the bundle → the command whose output it is. */
const commands: Readonly<Record<string, readonly [tool: string, ...args: string[]]>> = {
  addresses: ["ip", "address"],
  links: ["ip", "-details", "-statistics", "link"],
  routes: ["ip", "route", "show", "table", "all"],
  "routes-ipv6": ["ip", "-6", "route", "show", "table", "all"],
  "routing-rules": ["ip", "rule"],
  neighbours: ["ip", "neighbour"],
  nftables: ["nft", "list", "ruleset"],
  iptables: ["iptables-save"],
  ip6tables: ["ip6tables-save"],
  "iptables-legacy": ["iptables-legacy-save"],
  ipsets: ["ipset", "list"],
  "conntrack-statistics": ["conntrack", "-S"],
};

export function networkPart({ hostToolsDir }: NodePaths): Collector {
  return {
    name: "network",
    collect: async (add, signal) => {
      const tools = hostToolset(hostToolsDir, signal);
      for (const [name, [tool, ...args]] of Object.entries(commands)) {
        const text = await tools.ask(tool, ...args);
        if (text !== undefined) add({ path: `network/${name}`, text });
      }
      const listeners = await listListeners();
      add(
        jsonFile(
          "network/listeners.json",
          listeners.map(({ address, port }) => ({ address, port })),
        ),
      );
    },
  };
}
