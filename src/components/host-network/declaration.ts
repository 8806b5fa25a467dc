import type { Declaration } from "../../supervisor/declaration.ts";

/** Marks k0s' routes in the kernel's table, so that `reset` finds them. */
export const ownRouteProtocol = "107";

export const hostNetworkDeclaration = {
  name: "host-network",
  dataEntries: ["iptables-mode"],
  leaves: [{ routeProtocol: ownRouteProtocol }],
} satisfies Declaration;
