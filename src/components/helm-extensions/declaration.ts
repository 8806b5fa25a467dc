import type { ControllerDeclaration } from "../node-facts.ts";

/** The charts of `spec.extensions.helm`, and those that users make as objects. */
export const helmDeclaration = {
  name: "helm",
  make: async (node) => (await import("./component.ts")).helmExtensions(node),
  disableable: true,
  programs: ["helm"],
  // A cluster without charts does not need it.
  unpacksItself: true,
  follows: { extensions: "apply" },
} satisfies ControllerDeclaration;
