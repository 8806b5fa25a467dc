import type { ControllerDeclaration } from "../node-facts.ts";

/** The charts of `spec.extensions.helm`, and those that users make as objects. */
export const helmDeclaration = {
  name: "helm",
  make: async (node) => (await import("./component.ts")).helmExtensions(node),
  disableable: true,
  programs: ["helm"],
  // A link to Kubernetes' programs, which are there long before: only what a crash has left undone is unpacked.
  unpacksItself: true,
  follows: { extensions: "apply" },
} satisfies ControllerDeclaration;
