import type { Declaration } from "../supervisor/declaration.ts";

/** Applies the folders of manifests. */
export const applierDeclaration = {
  name: "applier-manager",
  disableable: true,
  dataEntries: ["deployed", "manifests"],
} satisfies Declaration;
