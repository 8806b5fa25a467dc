import type { ControllerDeclaration } from "../node-facts.ts";

/** Encryption of Secrets in the datastore: which key is used, on all controllers. */
export const secretsEncryptionDeclaration = {
  name: "secrets-encryption",
  make: async (node) => (await import("./component.ts")).secretsEncryption(node),
} satisfies ControllerDeclaration;
