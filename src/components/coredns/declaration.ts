import type { ControllerDeclaration } from "../node-facts.ts";

export const corednsDeclaration = {
  name: "coredns",
  make: async (node) => (await import("./component.ts")).corednsComponent(node),
  disableable: true,
  stacks: ["coredns"] as const,
  images: () => ["coredns"],
  workloads: [{ name: "coredns" }],
} satisfies ControllerDeclaration;
