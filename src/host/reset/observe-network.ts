// Links, rules, sets and routes of k0s in this network namespace.

import { statIfExists } from "../../os/files.ts";
import { listLinks } from "../../os/links.ts";
import type { RoutingTables } from "../../supervisor/traces.ts";
import { isCniTable, isOnlyOurs } from "./cni-rules.ts";
import { isOurLink, isOurSet, isOurTable, routeProtocols, routingTables } from "./host-rules.ts";
import type { HostToolset } from "./host-tools.ts";
import { emptyTables, planIptablesCleanup } from "./iptables-cleanup.ts";
import type { IptablesState, NftTable, Observation } from "./observation.ts";

export type NetworkObservation = Pick<
  Observation,
  "links" | "nftTables" | "iptables" | "emptyTables" | "ipsets" | "routes" | "leftAlone"
>;

/** `containers` are the ids of k0s' own. */
export async function observeNetwork(
  tools: HostToolset,
  containers: readonly string[],
): Promise<NetworkObservation> {
  const links = await listLinks();
  const [tables, iptables, sets, routes] = await Promise.all([
    nftTables(tools),
    savedRules(tools),
    tools.ask("ipset", "list", "-n"),
    ourRoutes(tools, links),
  ]);
  const ours = await ourTables(tools, tables, containers);
  const compatible = new Set(["filter", "nat", "mangle", "raw", "security"]);
  const others = tables.filter(
    (table) => !ours.includes(table) && !(compatible.has(table.name) && table.family.startsWith("ip")),
  );
  return {
    links: links.filter(isOurLink),
    nftTables: ours,
    leftAlone: others.map(({ family, name }) => `nft table ${family} ${name}`),
    iptables: iptables.flatMap(({ family, backend, saved }) => {
      const cleanup = planIptablesCleanup(saved);
      return cleanup === undefined ? [] : [{ family, backend, ...cleanup }];
    }),
    // What a reset that was interrupted had emptied already.
    emptyTables: iptables.flatMap(({ family, backend, saved }) =>
      backend === "nft" ? emptyTables(saved).map((name) => ({ family, name })) : [],
    ),
    ipsets: lines(sets).filter(isOurSet),
    routes,
  };
}

/** The tables of the CNI plug-ins only as long as nobody else has a rule in them. */
async function ourTables(
  tools: HostToolset,
  tables: readonly NftTable[],
  containers: readonly string[],
): Promise<NftTable[]> {
  const found = await Promise.all(
    tables.map(async (table) => {
      if (!isCniTable(table.name)) return isOurTable(table.name) ? [table] : [];
      const listing = await tools.ask("nft", "list", "table", table.family, table.name);
      return listing !== undefined && isOnlyOurs(listing, containers) ? [table] : [];
    }),
  );
  return found.flat();
}

async function nftTables(tools: HostToolset): Promise<NftTable[]> {
  const text = await tools.ask("nft", "list", "tables");
  return lines(text).flatMap((line) => {
    const [, family, name] = /^table (\S+) (\S+)/.exec(line) ?? [];
    return family === undefined || name === undefined ? [] : [{ family, name }];
  });
}

async function savedRules(
  tools: HostToolset,
): Promise<(Pick<IptablesState, "family" | "backend"> & { saved: string })[]> {
  const kinds = (["nft", "legacy"] as const).flatMap((backend) =>
    (["ip", "ip6"] as const).map((family) => ({ backend, family })),
  );
  const states = await Promise.all(
    kinds.map(async ({ backend, family }) => {
      const saved = await saveRules(tools, family, backend);
      return saved === undefined ? [] : [{ family, backend, saved }];
    }),
  );
  return states.flat();
}

/** The text of iptables-save; undefined without tool or kernel support. */
export async function saveRules(
  tools: HostToolset,
  family: "ip" | "ip6",
  backend: "nft" | "legacy",
): Promise<string | undefined> {
  return (
    (await tools.ask(`xtables-${backend}-multi`, `${family}tables-save`)) ??
    (await tools.ask(`${family}tables-${backend}-save`))
  );
}

async function ourRoutes(tools: HostToolset, links: readonly string[]): Promise<string[][]> {
  const families = ["-4", "-6"];
  const tables = await ourRoutingTables(links);
  const found = await Promise.all(
    families.map(async (family) => {
      const shown = routeProtocols.map((protocol) =>
        tools.ask("ip", family, "route", "show", "table", "all", "proto", protocol),
      );
      const routes = (await Promise.all(shown)).flatMap(lines);
      const rules = lines(await tools.ask("ip", family, "rule", "show"));
      const ours = rules.filter((rule) => leadsToOurs(rule, tables));
      const behind = await Promise.all(
        routesBehind(ours, tables).map(async ({ table, types }) =>
          deletedRoutes(lines(await tools.ask("ip", family, "route", "show", "table", table)), table, types),
        ),
      );
      return [
        // Before their rule, by which they are found.
        ...behind.flat().map((route) => [family, "route", "delete", ...route]),
        ...routes.map((route) => [family, "route", "delete", ...words(route)]),
        ...ours.map((rule) => [family, "rule", "delete", ...selectorOf(rule)]),
      ];
    }),
  );
  return found.flat();
}

/**
 * A rule as `ip rule show` has it, in the words of `ip rule delete`: whole, since others may have rules of the same preference,
 * of which the first would go. A device that is gone is marked by a word of the listing alone.
 */
export function selectorOf(rule: string): string[] {
  const [, preference = "", selector = ""] = /^(\d+):\s*(.*)$/.exec(rule) ?? [];
  return [
    "pref",
    preference,
    ...selector.split(/\s+/).filter((word) => word !== "" && word !== "[detached]"),
  ];
}

/** Whether a line of `ip rule show` is a rule that leads to one of these tables. */
export function leadsToOurs(rule: string, tables: readonly RoutingTables[]): boolean {
  const table = tableOf(rule);
  return tables.some(({ names, rule: own }) => names.includes(table) && (own?.test(rule) ?? true));
}

/** Tables that these rules lead to, with the types of the routes that go with the rule. */
function routesBehind(
  rules: readonly string[],
  tables: readonly RoutingTables[],
): { readonly table: string; readonly types: readonly string[] }[] {
  return tables.flatMap((each) => {
    const { routeTypes: types = [] } = each;
    const led = new Set(rules.filter((rule) => leadsToOurs(rule, [each])).map(tableOf));
    return types.length === 0 ? [] : [...led].map((table) => ({ table, types }));
  });
}

/** Of a listing of a table those of these types, in the words of `ip route delete`: what the listing says besides is not always taken. */
export function deletedRoutes(
  listing: readonly string[],
  table: string,
  types: readonly string[],
): string[][] {
  return listing.flatMap((line) => {
    const [type = "", prefix = ""] = line.split(/\s+/);
    return types.includes(type) ? [[type, prefix, "table", table]] : [];
  });
}

function tableOf(rule: string): string {
  return /\blookup (\S+)/.exec(rule)?.[1] ?? "";
}

/** Their names prove nothing by themselves. */
async function ourRoutingTables(links: readonly string[]): Promise<readonly RoutingTables[]> {
  const found = await Promise.all(
    routingTables.map(async (tables) => {
      const { link, file } = tables.provedBy;
      return links.includes(link) || (await statIfExists(file)) !== undefined ? [tables] : [];
    }),
  );
  return found.flat();
}

/** Flags in the listing that `ip route delete` does not take. */
function words(route: string): string[] {
  return route
    .split(/\s+/)
    .filter((word) => word !== "" && word !== "onlink" && word !== "linkdown" && word !== "dead");
}

function lines(text: string | undefined): string[] {
  return (text ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
