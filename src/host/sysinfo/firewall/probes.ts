// Firewalls that drop what pods send: firewalld, ufw, rules for nft or iptables. What is in force is asked of the kernel.

import { controllerRole } from "../../../roles/controller.ts";
import { leftBy } from "../../../roles/folds/traces.ts";
import { workerRole } from "../../../roles/worker.ts";
import { found } from "../finding.ts";
import type { ClusterNetworks } from "../cluster-networks.ts";
import { pass, type Outcome, type Probe } from "../probe.ts";
import type { ProbeHost } from "../probe-host.ts";
import { acceptNetworks, acceptPorts, lastingText, type Manager } from "./commands.ts";
import {
  dropsByRule,
  type FilterChain,
  isClosed,
  letsThrough,
  openFor,
  type WantedPort,
} from "./filter-chain.ts";
import { firewalldDistrusts, hostClosedToPods, podsNotForwarded, portsClosed } from "./findings.ts";
import { untrustedNetworks } from "./firewalld.ts";
import { iptablesChains } from "./iptables-rules.ts";
import { nftBaseChains, nftTable } from "./nft-rules.ts";

export interface FirewallNeeds {
  readonly networks: ClusterNetworks;
  /** Whether pods run here. */
  readonly worker: boolean;
  /** What other nodes connect to. */
  readonly ports: readonly WantedPort[];
}

export function firewallProbe(needs: FirewallNeeds): Probe {
  return {
    id: "firewall",
    displayName: "Firewall",
    check: async (host) => pass((await managersOn(host)).join(", ") || "no manager of its own"),
    children: async (host) => {
      const managers = await managersOn(host);
      const chains = (await droppingChains(host)).filter(isClosed);
      const pods = chains.map((chain) => {
        const manager = managers.includes("ufw") && chain.tool === "iptables" ? "ufw" : chain.tool;
        return chainProbe(chain, manager, needs);
      });
      return [...(managers.includes("firewalld") ? [firewalldProbe(needs)] : []), ...pods];
    },
  };
}

async function managersOn(host: ProbeHost): Promise<readonly string[]> {
  const firewalld = (await host.processes()).some(({ name }) => name === "firewalld");
  const ufw = /^ENABLED=yes$/m.test((await host.readText("/etc/ufw/ufw.conf")) ?? "");
  return [...(firewalld ? ["firewalld"] : []), ...(ufw ? ["ufw"] : [])];
}

/**
 * Base chains of all tables but firewalld's, whose zones say more, and those that k0s makes. A policy of iptables'
 * own chain for forwarding is left out: the network providers have rules there that accept what pods send. They put them at its end,
 * so one that drops everything comes before.
 */
async function droppingChains(host: ProbeHost): Promise<readonly FilterChain[]> {
  const saved = await host.ask("iptables-save", "-t", "filter");
  const byIptables = iptablesChains(saved ?? "").filter(
    (chain) => chain.hook === "input" || (chain.hook === "forward" && dropsByRule(chain)),
  );
  const own = new Set(["firewalld", ...leftBy([...controllerRole, ...workerRole], "tables")]);
  const listed = (await host.ask("nft", "-j", "list", "chains")) ?? '{"nftables":[]}';
  const tables = new Set(
    nftBaseChains(listed)
      .filter(({ table }) => !own.has(table))
      .filter(({ family, table }) => !(table === "filter" && ["ip", "ip6"].includes(family)))
      .filter(
        ({ family, hook }) => ["ip", "inet"].includes(family) && ["input", "forward"].includes(hook ?? ""),
      )
      .map(({ family, table }) => `${family} ${table}`),
  );
  const chains: FilterChain[] = [...byIptables];
  for (const table of tables) {
    // It may be gone by now.
    const text = await host.ask("nft", "-j", "list", "table", ...table.split(" "));
    if (text !== undefined) chains.push(...nftTable(text));
  }
  return chains;
}

function chainProbe(chain: FilterChain, manager: Manager, needs: FirewallNeeds): Probe {
  return {
    id: `firewall:${chain.name.replaceAll(" ", "/")}`,
    displayName: `Chain ${chain.name} of ${manager}`,
    check: async () =>
      chain.hook === "forward" ? forwarded(chain, manager, needs) : received(chain, manager, needs),
  };
}

/** What goes through a chain of this family: iptables has IPv6 in tables of its own. */
function passing(chain: FilterChain, networks: readonly string[]): readonly string[] {
  const both = chain.tool === "nft" && chain.name.startsWith("inet ");
  return both ? networks : networks.filter((network) => !network.includes(":"));
}

function forwarded(chain: FilterChain, manager: Manager, { networks, worker }: FirewallNeeds): Outcome {
  const closed = (way: "from" | "to") =>
    passing(chain, networks.pods).filter((network) => !letsThrough(chain, network, way));
  const commands = (["from", "to"] as const).flatMap((way) =>
    acceptNetworks(manager, chain.name, closed(way), way),
  );
  if (!worker || commands.length === 0) return pass("lets pods through");
  return found(podsNotForwarded, policyText(chain), {
    commands: commands.join("; "),
    lasting: lastingText(manager),
  });
}

function received(chain: FilterChain, manager: Manager, { networks, worker, ports }: FirewallNeeds): Outcome {
  const pods = worker
    ? passing(chain, networks.pods).filter((network) => !letsThrough(chain, network, "from"))
    : [];
  const wanted = [...ports, ...(worker ? networks.between : [])];
  const openTo = (who: ReturnType<typeof openFor>) =>
    wanted.filter((port) => openFor(chain, port, networks.pods) === who);
  const closed = openTo("nobody");
  const commands = [
    ...acceptNetworks(manager, chain.name, pods, "from"),
    ...acceptPorts(manager, chain.name, closed),
  ].join("; ");
  const lasting = lastingText(manager);
  if (pods.length > 0) return found(hostClosedToPods, policyText(chain), { commands, lasting });
  if (closed.length === 0)
    return pass(`lets pods and ${openTo("some").length === 0 ? "" : "some "}other nodes through`);
  const names = closed.map(({ protocol, port }) => `${port}/${protocol}`).join(" ");
  return found(portsClosed, policyText(chain), { ports: names, commands, lasting });
}

function policyText({ dropsByDefault }: FilterChain): string {
  return dropsByDefault ? "policy drop" : "drops what is left";
}

function firewalldProbe({ networks, worker }: FirewallNeeds): Probe {
  return {
    id: "firewall:firewalld",
    displayName: "firewalld",
    check: async (host) => {
      const untrusted = worker ? await untrustedNetworks(host, [...networks.pods, ...networks.services]) : [];
      if (untrusted.length === 0) return pass("trusts pods and services");
      return found(firewalldDistrusts, "running", {
        networks: untrusted.join(" "),
        commands: untrusted
          .map((network) => `firewall-cmd --permanent --zone=trusted --add-source=${network}`)
          .join("; "),
      });
    },
  };
}
