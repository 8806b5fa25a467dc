import type { ControllerDeclaration } from "../node-facts.ts";

export const systemRbacDeclaration = {
  name: "system-rbac",
  make: async ({ client, log }) =>
    (await import("./component.ts")).systemRbacComponent({ client, log, autopilot: false }),
  disableable: true,
} satisfies ControllerDeclaration;
