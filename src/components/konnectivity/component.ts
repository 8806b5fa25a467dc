// The tunnels to the nodes: the server beside kube-apiserver, its agents, and who of the controllers has which tunnel.

import type { Component } from "../../supervisor/component.ts";
import type { ControllerNode } from "../node-facts.ts";
import { controlPlanePrograms, stagedPrograms } from "../staging.ts";
import { konnectivityAgentComponent } from "./agent.ts";
import { konnectivityDeclaration, type KonnectivityNeeds } from "./declaration.ts";
import { konnectivityServer } from "./server.ts";

export function konnectivity(node: ControllerNode & KonnectivityNeeds): readonly Component[] {
  const { tunnels } = node;
  if (tunnels === undefined) return [];
  const { programs } = konnectivityDeclaration;
  const staged = { name: "tunnel-programs", programs, dependsOn: [controlPlanePrograms] };
  return [
    ...stagedPrograms(node, [staged], { later: true }).components,
    konnectivityServer(node, { programs: staged, tunnels: tunnels.tracker }),
    konnectivityAgentComponent(node),
    tunnels,
  ];
}
