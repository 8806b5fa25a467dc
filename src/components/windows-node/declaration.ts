import type { ControllerDeclaration } from "../node-facts.ts";

export const windowsNodeDeclaration = {
  name: "windows-node",
  make: async (node) => (await import("./component.ts")).windowsNodeComponent(node),
  disableable: true,
  stacks: ["windows-node"] as const,
} satisfies ControllerDeclaration;
