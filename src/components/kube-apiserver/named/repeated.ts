import type { ConfigProblem } from "../../../config/problem.ts";
import type { YamlPath } from "../../../std/yaml-positions.ts";

/** Entries of a list whose key an earlier one has. */
export function repeated<T>(
  entries: readonly T[],
  keyOf: (entry: T) => string | undefined,
  pathOf: (index: number) => YamlPath,
): ConfigProblem[] {
  const seen = new Set<string>();
  return entries.flatMap((entry, index) => {
    const key = keyOf(entry);
    if (key === undefined) return [];
    if (seen.has(key))
      return [{ path: pathOf(index), message: `${JSON.stringify(key)} stands here twice; keep one` }];
    seen.add(key);
    return [];
  });
}
