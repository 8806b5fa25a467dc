// What `iptables-save` prints, as chains: the table `filter` alone drops. Pure.

import type { FilterChain, FilterRule, PortRange } from "./filter-chain.ts";

const hooks: Readonly<Record<string, string>> = { INPUT: "input", FORWARD: "forward", OUTPUT: "output" };

export function iptablesChains(saved: string): readonly FilterChain[] {
  const text = /^\*filter\n([^]*?)^COMMIT$/m.exec(saved)?.[1] ?? "";
  const table = new Map<string, FilterRule[]>();
  const policies = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, chain, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (chain !== undefined && policy !== undefined) policies.set(chain, policy);
    const [append, name = "", ...words] = wordsOf(line);
    if (append === "-A") table.set(name, [...(table.get(name) ?? []), filterRule(words)]);
  }
  return [...policies].flatMap(([name, policy]) => {
    const hook = hooks[name];
    if (hook === undefined) return [];
    const rules = table.get(name) ?? [];
    return [{ tool: "iptables" as const, name, hook, dropsByDefault: policy === "DROP", rules, table }];
  });
}

const verdicts: Readonly<Record<string, FilterRule["verdict"]>> = {
  ACCEPT: "accept",
  DROP: "drop",
  REJECT: "drop",
  RETURN: undefined,
};

function filterRule(words: readonly string[]): FilterRule {
  let rule: FilterRule = { conditional: false, verdict: undefined };
  let protocol = "";
  for (let at = 0; at < words.length; at += 2) {
    const [option = "", value = ""] = words.slice(at, at + 2);
    if (option === "-p") protocol = value;
    if (option === "-i") rule = { ...rule, links: { ...rule.links, from: [value] } };
    else if (option === "-o") rule = { ...rule, links: { ...rule.links, to: [value] } };
    else rule = { ...rule, ...partOf(option, value, protocol) };
    // A negation has a word more; the rule asks for something else anyway.
    if (option === "!") return { ...rule, conditional: true, verdict: verdictIn(words) };
  }
  if (protocol === "" || rule.ports !== undefined) return rule;
  // A protocol without a port is a condition, too, where it is not all ports of it.
  return protocol === "tcp" || protocol === "udp"
    ? { ...rule, ports: [{ protocol, first: 0, last: 65_535 }] }
    : { ...rule, conditional: true };
}

function partOf(option: string, value: string, protocol: string): Partial<FilterRule> {
  switch (option) {
    case "-s":
      return { from: [value] };
    case "-d":
      return { to: [value] };
    case "--dport":
    case "--dports":
      return { ports: value.split(",").map((range) => portRange(protocol, range)) };
    case "-j":
    case "-g":
      return { verdict: value in verdicts ? verdicts[value] : { jump: value } };
    case "-m":
      return ["comment", "tcp", "udp", "multiport"].includes(value) ? {} : { conditional: true };
    case "-p":
    case "--comment":
    case "--reject-with":
      return {};
    default:
      return { conditional: true };
  }
}

function verdictIn(words: readonly string[]): FilterRule["verdict"] {
  const target = words[words.findIndex((word) => word === "-j" || word === "-g") + 1] ?? "";
  return target in verdicts ? verdicts[target] : { jump: target };
}

function portRange(protocol: string, text: string): PortRange {
  const [first = "", last = first] = text.split(":");
  return { protocol, first: Number(first), last: Number(last) };
}

/** Comments may be in quotes. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}
