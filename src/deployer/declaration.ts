import type { Component } from "../supervisor/component.ts";
import type { Declaration } from "../supervisor/declaration.ts";

/** Applies the folders of manifests. */
export const applierDeclaration = {
  name: "applier-manager",
  make: ({ stacks }) => Promise.resolve(stacks),
  disableable: true,
  dataEntries: ["deployed", "manifests"],
} satisfies Declaration<never, { readonly stacks: Component }>;

/** Follows the nodes of the cluster for all who ask. */
export const nodeIndexDeclaration = {
  name: "node-index",
  make: ({ nodes }) => Promise.resolve(nodes),
} satisfies Declaration<never, { readonly nodes: Component }>;
