import type { Declaration } from "../../supervisor/declaration.ts";
import type { ControllerFacts } from "../controller-facts.ts";

/** Of nftables: leads what comes in for a virtual address to the balancer. */
export const redirectTable = "k0s-control-plane";

/** Spreads what comes to a virtual address over the API servers. */
export const controlPlaneBalancerDeclaration = {
  name: "control-plane-balancer",
  when: ({ config }) => {
    const { enabled, keepalived } = config.spec.network.controlPlaneLoadBalancing;
    return enabled && keepalived.vrrpInstances.length > 0 && !keepalived.disableLoadBalancer;
  },
  ports: ({ config: { spec } }) => [
    {
      port: spec.network.controlPlaneLoadBalancing.keepalived.userSpaceProxyBindPort,
      process: "the load balancer",
      setting: ["spec", "network", "controlPlaneLoadBalancing", "keepalived", "userSpaceProxyBindPort"],
    },
  ],
  // The link is one of upstream k0s, which gives it the virtual addresses.
  leaves: [{ tables: [redirectTable], links: /^dummyvip0$/ }],
} satisfies Declaration<ControllerFacts>;
