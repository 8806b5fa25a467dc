// What `nft -j` prints, as chains: libnftables-json(5). Pure.

import type { FilterChain, FilterRule, PortRange } from "./filter-chain.ts";

export interface NftChain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook?: string;
  readonly policy?: string;
}

interface NftRule {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly expr?: readonly Record<string, unknown>[];
}

interface NftSet {
  readonly name: string;
  readonly elem?: readonly unknown[];
}

interface NftObject {
  readonly chain?: NftChain;
  readonly rule?: NftRule;
  readonly set?: NftSet;
}

/** From `nft -j list chains`: those that the kernel sends packets through. */
export function nftBaseChains(text: string): readonly NftChain[] {
  return objectsIn(text).flatMap(({ chain }) => (chain?.hook === undefined ? [] : [chain]));
}

/** From `nft -j list table FAMILY NAME`: the base chains with the rules of all chains. */
export function nftTable(text: string): readonly FilterChain[] {
  const objects = objectsIn(text);
  const sets = new Map(objects.flatMap(({ set }) => (set === undefined ? [] : [[set.name, set.elem ?? []]])));
  const table = new Map<string, FilterRule[]>();
  for (const { rule } of objects) {
    if (rule === undefined) continue;
    const rules = table.get(rule.chain) ?? [];
    rules.push(filterRule(rule.expr ?? [], sets));
    table.set(rule.chain, rules);
  }
  return objects.flatMap(({ chain }) => {
    if (chain?.hook === undefined) return [];
    const { family, table: of, name, hook, policy } = chain;
    const rules = table.get(name) ?? [];
    return [
      {
        tool: "nft" as const,
        name: `${family} ${of} ${name}`,
        hook,
        dropsByDefault: policy === "drop",
        rules,
        table,
      },
    ];
  });
}

type Sets = ReadonlyMap<string, readonly unknown[]>;

function filterRule(expressions: readonly Record<string, unknown>[], sets: Sets): FilterRule {
  let rule: FilterRule = { conditional: false, verdict: undefined };
  for (const expression of expressions) {
    const part = partOf(expression, sets);
    const links = part.links === undefined ? {} : { links: { ...rule.links, ...part.links } };
    rule = { ...rule, ...part, ...links };
  }
  return rule;
}

function partOf(expression: Record<string, unknown>, sets: Sets): Partial<FilterRule> {
  const { match } = expression as { match?: Match };
  if (match !== undefined) return matchOf(match, sets);
  if ("accept" in expression) return { verdict: "accept" };
  if ("drop" in expression || "reject" in expression) return { verdict: "drop" };
  const target = (expression["jump"] ?? expression["goto"]) as { target?: string } | undefined;
  if (target?.target !== undefined) return { verdict: { jump: target.target } };
  const harmless = ["counter", "log", "comment", "meta"].some((name) => name in expression);
  const comment = (expression["xt"] as { name?: string } | null | undefined)?.name === "comment";
  return harmless || comment ? {} : { conditional: true };
}

interface Match {
  readonly op: string;
  readonly left: {
    readonly payload?: { readonly protocol?: string; readonly field?: string };
    readonly meta?: { readonly key?: string };
  };
  readonly right: unknown;
}

function matchOf({ op, left, right }: Match, sets: Sets): Partial<FilterRule> {
  const { protocol = "", field } = left.payload ?? {};
  const values = valuesOf(right, sets);
  if (op === "==" || op === "in") {
    // What nft adds by itself in front of an address or a port.
    if (left.meta?.key === "nfproto" && right === "ipv4") return {};
    if (["iif", "iifname"].includes(left.meta?.key ?? "")) return { links: { from: values.map(String) } };
    if (["oif", "oifname"].includes(left.meta?.key ?? "")) return { links: { to: values.map(String) } };
    if (field === "saddr") return { from: values.map(networkText) };
    if (field === "daddr") return { to: values.map(networkText) };
    if (field === "dport") return { ports: values.map((value) => portRange(protocol, value)) };
  }
  return { conditional: true };
}

function valuesOf(right: unknown, sets: Sets): readonly unknown[] {
  if (typeof right === "string" && right.startsWith("@")) return sets.get(right.slice(1)) ?? [];
  const { set } = (typeof right === "object" ? right : {}) as { set?: readonly unknown[] };
  return set ?? [right];
}

function networkText(value: unknown): string {
  const { prefix } = (typeof value === "object" ? value : {}) as { prefix?: { addr: string; len: number } };
  return prefix === undefined ? String(value) : `${prefix.addr}/${prefix.len}`;
}

function portRange(protocol: string, value: unknown): PortRange {
  const { range } = (typeof value === "object" ? value : {}) as { range?: readonly [number, number] };
  const [first, last] = range ?? [Number(value), Number(value)];
  return { protocol, first, last };
}

function objectsIn(text: string): readonly NftObject[] {
  return (JSON.parse(text) as { nftables: readonly NftObject[] }).nftables;
}
