import type { Declaration } from "../../supervisor/declaration.ts";
import type { ControllerFacts } from "../controller-facts.ts";

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
} satisfies Declaration<ControllerFacts>;
