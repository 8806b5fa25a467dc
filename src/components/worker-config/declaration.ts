import type { Declaration } from "../../supervisor/declaration.ts";

/** What a node follows of its cluster. */
export const workerConfigDeclaration = {
  name: "worker-settings",
  dataEntries: ["worker-profile.yaml"],
} satisfies Declaration;
