// What components leave on a host, inside of k0s' data directory and outside: what a reset removes.

import type { Declaration } from "../supervisor/declaration.ts";

/** Names in the data directory, in order. */
export function dataEntriesOf(declarations: readonly Declaration[]): readonly string[] {
  return [...new Set(declarations.flatMap(({ dataEntries = [] }) => dataEntries))].toSorted();
}

/** Paths outside of it, to be deleted with all that is in them. */
export function leavesOf(declarations: readonly Declaration[]): readonly string[] {
  return [...new Set(declarations.flatMap(({ leaves = [] }) => leaves))];
}
