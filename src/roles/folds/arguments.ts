// Where a person sets further arguments of a component's process.

import type { Declaration } from "../../supervisor/declaration.ts";

/** Component → field of k0s.yaml, or flag. */
export function argumentFieldsOf(declarations: readonly Declaration[]): ReadonlyMap<string, string> {
  return new Map(
    declarations.flatMap(({ name, argumentsField }): [string, string][] =>
      argumentsField === undefined ? [] : [[name, argumentsField]],
    ),
  );
}
