// What is started on a node: the list of its role, each made with what is known of the node.

import type { Component } from "../../supervisor/component.ts";
import { type Choice, type Declaration, runs } from "../../supervisor/declaration.ts";

/** Of what runs on a node with these facts, in the order of the list. */
export async function componentsOf<Facts extends Choice, Node>(
  role: readonly Declaration<Facts, Node>[],
  facts: Facts,
  node: Node,
): Promise<readonly Component[]> {
  const made: Component[] = [];
  for (const declaration of role) {
    if (runs(declaration, facts)) made.push(...[(await declaration.make?.(node)) ?? []].flat());
  }
  return made;
}
