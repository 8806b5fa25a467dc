import type { ControllerDeclaration } from "../node-facts.ts";

export const windowsNodeDeclaration = {
  name: "windows-node",
  make: async (node) => (await import("./component.ts")).windowsNodeComponent(node),
  disableable: true,
  stacks: ["windows-node"] as const,
  // What else it is made of other components follow as well; that it is there at all depends on the nodes.
  follows: { "images.windows": "apply", "images.calico.windows": "apply" },
} satisfies ControllerDeclaration;
