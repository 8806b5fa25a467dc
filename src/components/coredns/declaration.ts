import type { ControllerFacts } from "../controller-facts.ts";
import type { Declaration } from "../../supervisor/declaration.ts";

export const corednsDeclaration = {
  name: "coredns",
  disableable: true,
  stacks: ["coredns"] as const,
  images: () => ["coredns"],
  workloads: [{ name: "coredns" }],
} satisfies Declaration<ControllerFacts>;
