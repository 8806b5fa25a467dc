// The resource metrics API. Upstream: pkg/component/controller/metricserver.go.

import { metricsServer } from "./manifest.ts";
import { metricsServerDeclaration } from "./declaration.ts";
import type { Component } from "../../supervisor/component.ts";
import { addonStack } from "../../deployer/addon.ts";
import type { AddonContext } from "../../deployer/addon.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";

export function metricsServerComponent(context: AddonContext): Component {
  return addonStack(context, {
    name: metricsServerDeclaration.name,
    stack: metricsServerDeclaration.stacks[0],
    file: "metric_server.yaml",
    dependsOn: [kubeApiserverDeclaration],
    patches: ({ spec }) => ({ path: "spec.metricsServer.patches", patches: spec.metricsServer.patches }),
    render: metricsServer,
  });
}
