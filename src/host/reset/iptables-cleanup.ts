// From the text of iptables-save: how to remove our chains and rules and leave everything else as it is.

import { isCniChain, planCniCleanup } from "./cni-rules.ts";
import { isOurChain, isOurRule } from "./host-rules.ts";

export interface IptablesCleanup {
  /** Input for `iptables-restore --noflush`: one transaction a table. */
  readonly script: string;
  readonly chains: number;
  readonly rules: number;
  /** Rules and chains that are somebody else's. */
  readonly othersRules: number;
}

/** Undefined when nothing there is ours. */
export function planIptablesCleanup(saved: string): IptablesCleanup | undefined {
  const tables = parseTables(saved).map((table) => {
    const cni = planCniCleanup(table.chains, table.rules);
    const ours = table.chains.filter((name) => isOurChain(name) || cni.chains.includes(name));
    const elsewhere = table.rules.filter(({ chain }) => !ours.includes(chain));
    const deleted = elsewhere.filter(
      (rule) => cni.rules.includes(rule) || (!isCniChain(rule.chain) && isOurRule(rule.text)),
    );
    return { ...table, ours, deleted, others: elsewhere };
  });
  const touched = tables.filter(({ ours, deleted }) => ours.length > 0 || deleted.length > 0);
  if (touched.length === 0) return undefined;
  const count = (of: (table: (typeof tables)[number]) => number): number =>
    tables.reduce((sum, table) => sum + of(table), 0);
  return {
    script: touched.map(tableScript).join(""),
    chains: count(({ ours }) => ours.length),
    rules: count(({ deleted }) => deleted.length),
    othersRules: count(({ others, deleted }) => others.length - deleted.length),
  };
}

/** Names of the tables in which nothing but built-in chains that accept is left. */
export function emptyTables(saved: string): string[] {
  return parseTables(saved)
    .filter(
      ({ rules, policies, chains }) =>
        rules.length === 0 &&
        policies.length === chains.length &&
        policies.every((policy) => policy === "ACCEPT"),
    )
    .map(({ name }) => name);
}

interface Table {
  readonly name: string;
  readonly chains: string[];
  /** Of built-in chains only; other chains have none. */
  readonly policies: string[];
  readonly rules: { readonly chain: string; readonly text: string }[];
}

function parseTables(saved: string): Table[] {
  const tables: Table[] = [];
  for (const line of saved.split("\n")) {
    const table = tables.at(-1);
    if (line.startsWith("*"))
      tables.push({ name: line.slice(1).trim(), chains: [], policies: [], rules: [] });
    if (table === undefined) continue;
    const [, chain, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (chain !== undefined && policy !== undefined) {
      table.chains.push(chain);
      if (policy !== "-") table.policies.push(policy);
    }
    const [, ruleChain, text] = /^(?:\[\d+:\d+\] )?-A (\S+)(.*)$/.exec(line) ?? [];
    if (ruleChain !== undefined) table.rules.push({ chain: ruleChain, text: text ?? "" });
  }
  return tables;
}

/** Jumps go first, then the rules of our chains, then the chains, which nothing refers to any more. */
function tableScript({
  name,
  ours,
  deleted,
}: {
  name: string;
  ours: readonly string[];
  deleted: Table["rules"];
}): string {
  const lines = [
    `*${name}`,
    ...deleted.map(({ chain, text }) => `-D ${chain}${text}`),
    ...ours.map((chain) => `-F ${chain}`),
    ...ours.map((chain) => `-X ${chain}`),
    "COMMIT",
  ];
  return `${lines.join("\n")}\n`;
}
