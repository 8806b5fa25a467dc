import type { ControllerDeclaration } from "../node-facts.ts";

export const nodeRoleDeclaration = {
  name: "node-role",
  make: async ({ enableWorker, name, labels, client, log }) => {
    if (!enableWorker) return [];
    const { nodeRoleLabeller, roleHintLabel } = await import("./component.ts");
    // Unless it was started with another one.
    const role = labels[roleHintLabel] ?? "control-plane";
    return nodeRoleLabeller({ nodeName: name, role, client, log });
  },
  disableable: true,
} satisfies ControllerDeclaration;
