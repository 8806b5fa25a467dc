// Cluster DNS. Upstream: pkg/component/controller/coredns.go.

import { corednsDeclaration } from "./declaration.ts";
import { coredns } from "./manifest.ts";
import type { Component } from "../../supervisor/component.ts";
import { addonStack } from "../../deployer/addon.ts";
import type { AddonContext } from "../../deployer/addon.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";

export function corednsComponent(context: AddonContext): Component {
  return addonStack(context, {
    name: corednsDeclaration.name,
    stack: corednsDeclaration.stacks[0],
    file: "coredns.yaml",
    dependsOn: [kubeApiserverDeclaration],
    patches: ({ spec }) => ({
      path: "spec.network.coreDNS.patches",
      patches: spec.network.coreDNS.patches,
    }),
    render: coredns,
  });
}
