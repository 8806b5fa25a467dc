import type { Declaration } from "../../supervisor/declaration.ts";

export const hostNetworkDeclaration = {
  name: "host-network",
  dataEntries: ["iptables-mode"],
} satisfies Declaration;
