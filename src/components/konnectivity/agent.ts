// The agents of the tunnels as an add-on. Upstream: pkg/component/controller/konnectivityagent.go.

import { konnectivityAgent } from "./agent-manifest.ts";
import { konnectivityDeclaration } from "./declaration.ts";
import type { Component } from "../../supervisor/component.ts";
import { addonStack } from "../../deployer/addon.ts";
import type { ControllerNode } from "../node-facts.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";

export function konnectivityAgentComponent(node: ControllerNode): Component {
  return addonStack(node, {
    name: "konnectivity-agent",
    stack: konnectivityDeclaration.stacks[0],
    file: "konnectivity-agent.yaml",
    dependsOn: [kubeApiserverDeclaration],
    render: ({ config }) => konnectivityAgent({ config, singleController: node.alone }),
  });
}
