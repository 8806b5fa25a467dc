import type { ControllerDeclaration } from "../node-facts.ts";

/** Of nftables: leads what comes in for a virtual address to the balancer. */
export const redirectTable = "k0s-control-plane";

/** Addresses that move between controllers, and what spreads connections to them over the API servers. */
export const controlPlaneAddressDeclaration = {
  name: "control-plane-address",
  when: ({ config }) => {
    const { enabled, keepalived } = config.spec.network.controlPlaneLoadBalancing;
    return enabled && keepalived.vrrpInstances.length > 0;
  },
  make: async (node) => (await import("./component.ts")).controlPlaneAddress(node),
  ports: ({ config: { spec } }) => {
    const { disableLoadBalancer, userSpaceProxyBindPort: port } =
      spec.network.controlPlaneLoadBalancing.keepalived;
    const field = ["controlPlaneLoadBalancing", "keepalived", "userSpaceProxyBindPort"];
    return disableLoadBalancer
      ? []
      : [{ port, process: "the load balancer", setting: ["spec", "network", ...field] }];
  },
  // The link is one of upstream k0s, which gives it the virtual addresses.
  leaves: [{ tables: [redirectTable], links: /^dummyvip0$/ }],
} satisfies ControllerDeclaration;
