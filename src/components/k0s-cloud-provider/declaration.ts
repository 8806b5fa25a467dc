import { loopback } from "../../supervisor/declaration.ts";
import type { ControllerDeclaration } from "../node-facts.ts";

export const k0sCloudProviderDeclaration = {
  name: "k0s-cloud-provider",
  when: ({ k0sCloudProvider }) => k0sCloudProvider !== undefined,
  make: async (node) => {
    if (node.k0sCloudProvider === undefined) return [];
    return (await import("./component.ts")).k0sCloudProvider(node, node.k0sCloudProvider);
  },
  ports: ({ k0sCloudProvider }) =>
    k0sCloudProvider === undefined
      ? []
      : [{ port: k0sCloudProvider.port, address: loopback, process: "k0s" }],
} satisfies ControllerDeclaration;
