// The programs that a node needs: unpacked by its start, which asks for room for them first.

import { type Choice, type Declaration, runs } from "../../supervisor/declaration.ts";

/** In the order of the list: those in front are needed first. */
export function programsOf<Facts extends Choice>(
  role: readonly Declaration<Facts>[],
  facts: Facts,
): readonly string[] {
  return role.filter((declaration) => runs(declaration, facts)).flatMap(({ programs = [] }) => programs);
}
