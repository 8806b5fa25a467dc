import type { ControllerDeclaration } from "../node-facts.ts";

export const runtimeClassesDeclaration = {
  name: "runtime-classes",
  make: async (node) => (await import("./component.ts")).runtimeClasses(node),
  stacks: ["runtime-classes"] as const,
} satisfies ControllerDeclaration;
