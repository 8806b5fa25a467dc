import type { Declaration } from "../../supervisor/declaration.ts";
import type { WorkerFacts } from "../worker-facts.ts";

/** Where the node is given another runtime there is none. */
export const containerdDeclaration = {
  name: "containerd",
  when: ({ criSocket }) => criSocket === undefined,
  logLevel: "info",
  // The sandbox of every pod.
  images: () => ["pause"],
  programs: ["containerd", "runc"],
  dataEntries: ["cni-bin", "containerd", "images"],
} satisfies Declaration<WorkerFacts>;
