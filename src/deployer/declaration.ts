import type { Declaration } from "../supervisor/declaration.ts";

/** Applies the folders of manifests. */
export const applierDeclaration = {
  name: "applier-manager",
  disableable: true,
} satisfies Declaration;
