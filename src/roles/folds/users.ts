// The system users of a node's processes: made by its start, removed by reset.

import type { Declaration } from "../../supervisor/declaration.ts";

/** All that a node of the role may need, whether it runs the component or not: a reset does not know. */
export function usersOf(role: readonly Declaration[]): readonly string[] {
  return [...new Set(role.flatMap(({ user }) => user ?? []))];
}

/** Those whose processes are in group root. */
export function usersInRootGroup(role: readonly Declaration[]): ReadonlySet<string> {
  return new Set(role.filter(({ group }) => group === "root").flatMap(({ user }) => user ?? []));
}
