// Lists whose entries are told apart by their name must not have two of one name.

import type { YamlPath } from "../../std/yaml-positions.ts";
import type { ConfigProblem } from "../problem.ts";

export function repeatedNames(path: YamlPath, items: readonly { readonly name: string }[]): ConfigProblem[] {
  return items.flatMap(({ name }, index) => {
    const first = items.findIndex((item) => item.name === name);
    if (first === index) return [];
    return [{ path: [...path, index, "name"], message: `${JSON.stringify(name)} is there twice; keep one` }];
  });
}
