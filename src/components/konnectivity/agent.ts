// The agents of the tunnels as an add-on. Upstream: pkg/component/controller/konnectivityagent.go.

import { konnectivityAgent } from "./agent-manifest.ts";
import { konnectivityDeclaration } from "./declaration.ts";
import type { Component } from "../../supervisor/component.ts";
import { addonStack } from "../../deployer/addon.ts";
import type { AddonContext } from "../../deployer/addon.ts";

export function konnectivityAgentComponent(
  context: AddonContext,
  options: { readonly singleController: boolean },
): Component {
  return addonStack(context, {
    name: "konnectivity-agent",
    stack: konnectivityDeclaration.stacks[0],
    file: "konnectivity-agent.yaml",
    render: ({ config }) => konnectivityAgent({ config, ...options }),
  });
}
