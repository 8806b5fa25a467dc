// A chain through which the kernel sends packets, however it was written, and what it lets through. Pure.

import { tryParseCidr } from "../../../std/cidr.ts";
import { isIp } from "../../../std/ip.ts";
import { isLocalLink, isPodLink } from "./pod-links.ts";

export interface PortRange {
  readonly protocol: string;
  readonly first: number;
  readonly last: number;
}

export interface FilterRule {
  /** Networks that a packet comes from or goes to; undefined for any. */
  readonly from?: readonly string[] | undefined;
  readonly to?: readonly string[] | undefined;
  /** Ports that it goes to; undefined for any. */
  readonly ports?: readonly PortRange[] | undefined;
  /** Links that it comes by or leaves by; undefined for any. */
  readonly links?: { readonly from?: readonly string[]; readonly to?: readonly string[] } | undefined;
  /** It asks for something besides, such as a protocol or the state of the connection. */
  readonly conditional: boolean;
  readonly verdict: "accept" | "drop" | { readonly jump: string } | undefined;
}

export interface FilterChain {
  readonly tool: "nft" | "iptables";
  /** As its tool names it, e.g. `inet filter forward`, `FORWARD`. */
  readonly name: string;
  readonly hook: string;
  readonly dropsByDefault: boolean;
  readonly rules: readonly FilterRule[];
  /** All chains of the same table, by name. */
  readonly table: ReadonlyMap<string, readonly FilterRule[]>;
}

export interface WantedPort {
  readonly protocol: "tcp" | "udp";
  readonly port: number;
}

/** What no rule accepts is dropped: by policy, or by a rule for all that is left. */
export function isClosed(chain: FilterChain): boolean {
  return chain.dropsByDefault || dropsByRule(chain);
}

/** A rule that drops everything, so that none behind it is asked. */
export function dropsByRule({ rules }: FilterChain): boolean {
  return rules.some((rule) => rule.verdict === "drop" && isForAll(rule));
}

/** Whether a rule accepts all packets from (or to) this network. */
export function letsThrough(chain: FilterChain, network: string, way: "from" | "to"): boolean {
  return accepting(chain).some((rule) => {
    const [wanted, other] = way === "from" ? [rule.from, rule.to] : [rule.to, rule.from];
    const { from, to } = rule.links ?? {};
    const [link, otherLink] = way === "from" ? [from, to] : [to, from];
    if (rule.ports !== undefined || other !== undefined || otherLink !== undefined) return false;
    if (link !== undefined && !link.some(isPodLink)) return false;
    return wanted === undefined || wanted.some((range) => holds(range, network));
  });
}

/**
 * For whom rules accept packets to this port: `some` for senders of some networks, or by some links, alone: they may be all the nodes
 * that there are. A rule for pods, or for what else runs on this host, is not one for other nodes.
 */
export function openFor(
  chain: FilterChain,
  { protocol, port }: WantedPort,
  pods: readonly string[],
): "all" | "some" | "nobody" {
  const open = accepting(chain).filter(
    ({ ports, to, links }) =>
      (ports === undefined ||
        ports.some((range) => range.protocol === protocol && range.first <= port && port <= range.last)) &&
      (to === undefined || reachesBeyond(to, notOfHosts)) &&
      (links?.from === undefined || !links.from.every(isLocalLink)),
  );
  if (open.some(({ from, links }) => from === undefined && links === undefined)) return "all";
  const fromNodes = open.some(
    ({ from }) => from === undefined || reachesBeyond(from, [...pods, ...notOfHosts]),
  );
  return fromNodes ? "some" : "nobody";
}

/** Addresses that no node has: loopback, and those of many receivers. */
const notOfHosts = ["127.0.0.0/8", "::1/128", "224.0.0.0/4", "255.255.255.255/32", "ff00::/8"];

/** Whether any of the ranges has addresses outside of all networks. */
function reachesBeyond(ranges: readonly string[], networks: readonly string[]): boolean {
  return ranges.some((range) => !networks.some((network) => holds(network, asCidr(range))));
}

function isForAll({ from, to, ports, links, conditional }: FilterRule): boolean {
  const asks = [from, to, ports, links].some((part) => part !== undefined);
  return !asks && !conditional;
}

function asCidr(range: string): string {
  return isIp(range) ? `${range}/${range.includes(":") ? 128 : 32}` : range;
}

/** False as well for what is not a network, such as a range of addresses or the name of a host. */
function holds(range: string, network: string): boolean {
  const outer = tryParseCidr(asCidr(range));
  const inner = tryParseCidr(network);
  return (
    outer !== undefined &&
    inner !== undefined &&
    outer.family === inner.family &&
    outer.start <= inner.start &&
    inner.end <= outer.end
  );
}

/**
 * Of the chain and of all that it leads to. Of what a jump asks for only links are looked at: rather one warning less than a false
 * one, but what Calico accepts behind a jump for its pods' links is not open to other nodes.
 */
function accepting({ rules, table }: FilterChain): readonly FilterRule[] {
  const seen = new Set<string>();
  const follow = (these: readonly FilterRule[], links: FilterRule["links"]): readonly FilterRule[] =>
    these.flatMap((rule) => {
      const both = links === undefined ? rule.links : { ...links, ...rule.links };
      if (typeof rule.verdict !== "object") return [{ ...rule, links: both }];
      const { jump } = rule.verdict;
      const visit = JSON.stringify([jump, both]);
      if (seen.has(visit)) return [];
      seen.add(visit);
      return follow(table.get(jump) ?? [], both);
    });
  return follow(rules, undefined).filter(({ verdict, conditional }) => verdict === "accept" && !conditional);
}
