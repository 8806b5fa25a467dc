// What components leave on a host, inside of k0s' data directory and outside: what a reset removes.

import type { Declaration } from "../../supervisor/declaration.ts";
import type { RoutingTables, Traces } from "../../supervisor/traces.ts";

/** Names in the data directory, in order. */
export function dataEntriesOf(declarations: readonly Declaration[]): readonly string[] {
  return [...new Set(declarations.flatMap(({ dataEntries = [] }) => dataEntries))].toSorted();
}

/** What is made in directories of the data directory, by their paths there. */
export function dataContentOf(
  declarations: readonly Declaration[],
  kind: "dataContent" | "dataFiles",
): ReadonlyMap<string, RegExp> {
  return new Map(declarations.flatMap((declaration) => Object.entries(declaration[kind] ?? {})));
}

/** Whether what is mounted at a path of the data directory is mounted by one of them. */
export function mountedBy(declarations: readonly Declaration[]): (path: string) => boolean {
  const patterns = declarations.flatMap(({ dataMounts }) => dataMounts ?? []);
  return (path) => patterns.some((pattern) => pattern.test(path));
}

type Lists =
  | "paths"
  | "mountedBelow"
  | "withoutPods"
  | "sharedDirectories"
  | "socketDirectories"
  | "tables"
  | "cniNetwork"
  | "routeProtocol";

/** Everything of a kind that any of them leaves elsewhere, in the order of the list. */
export function leftBy(declarations: readonly Declaration[], kind: Lists): readonly string[] {
  return [...new Set(tracesOf(declarations).flatMap((traces) => traces[kind] ?? []))];
}

/** Whether a name, or the text of a rule, is one that any of them gives. */
export function recognizerOf(
  declarations: readonly Declaration[],
  kind: "links" | "chains" | "sets" | "rules",
): (text: string) => boolean {
  const patterns = tracesOf(declarations).flatMap((traces) => traces[kind] ?? []);
  return (text) => patterns.some((pattern) => pattern.test(text));
}

export function routingTablesOf(declarations: readonly Declaration[]): readonly RoutingTables[] {
  return tracesOf(declarations).flatMap(({ routingTables }) => routingTables ?? []);
}

function tracesOf(declarations: readonly Declaration[]): readonly Traces[] {
  return declarations.flatMap(({ leaves = [] }) => leaves);
}
