import { type Declaration, loopback } from "../../supervisor/declaration.ts";
import type { WorkerFacts } from "../worker-facts.ts";

export const nodeLocalBalancingDeclaration = {
  name: "load-balancer",
  follows: { "network.nodeLocalLoadBalancing": "restart", "konnectivity.agentPort": "restart" },
  laterPorts: ({ spec: { network } }) => {
    const balancing = network.nodeLocalLoadBalancing;
    if (!balancing.enabled) return [];
    const section = balancing.type === "Traefik" ? "traefik" : "envoyProxy";
    return (["apiServerBindPort", "konnectivityServerBindPort"] as const).map((field) => ({
      port: balancing[section][field],
      address: loopback,
      process: "the node-local load balancer",
      setting: ["spec", "network", "nodeLocalLoadBalancing", section, field],
    }));
  },
} satisfies Declaration<WorkerFacts>;
