import type { Declaration } from "../../supervisor/declaration.ts";

export const certificatesDeclaration = {
  name: "certificates",
  dataEntries: ["pki"],
} satisfies Declaration;
