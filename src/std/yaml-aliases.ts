// A YAML document may refer to a part of itself again and again: a few hundred bytes can stand for more than fits in
// memory.

import { UserError } from "./errors.ts";

/** Far more than the API server takes as one object (1.5 MiB in etcd), or than anybody writes as configuration. */
const mostNodes = 1_000_000;

/** Throws a UserError if `document` stands for too many nodes once its aliases are written out, or contains itself. `where` begins its message. */
export function assertBounded(document: unknown, where: string): void {
  const sizes = new Map<object, number>();
  const sizeOf = (node: unknown): number => {
    if (typeof node !== "object" || node === null) return 1;
    const known = sizes.get(node);
    if (known !== undefined) {
      if (known > 0) return known;
      throw new UserError(`${where}an alias refers to what it is part of`, { code: "invalid-yaml" });
    }
    // Being looked at.
    sizes.set(node, 0);
    let size = 1;
    for (const inner of Object.values(node)) size += sizeOf(inner);
    if (size > mostNodes)
      throw new UserError(`${where}its aliases stand for more than ${mostNodes} values`, {
        code: "invalid-yaml",
      });
    sizes.set(node, size);
    return size;
  };
  sizeOf(document);
}
