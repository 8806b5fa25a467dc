// kube-scheduler. Upstream: pkg/component/controller/scheduler.go.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { Component } from "../../supervisor/component.ts";
import { logLevelOf } from "../../supervisor/declaration.ts";
import { processOptions } from "../../supervisor/node-process.ts";
import { processComponent } from "../../supervisor/process-component.ts";
import { kubeSchedulerDeclaration, kubeSchedulerBuiltInPort } from "./declaration.ts";
import { kubeSchedulerArgs } from "./flags.ts";
import type { ControllerNode } from "../node-facts.ts";
import { healthzReadiness } from "../../supervisor/serving-endpoint.ts";
import { bootstrapRolesDeclaration } from "../kube-apiserver/declaration.ts";

export function kubeScheduler(node: ControllerNode): Component {
  const logLevel = logLevelOf(kubeSchedulerDeclaration, node.logLevels);
  const argsFor = (config: ClusterConfig): string[] =>
    kubeSchedulerArgs({ config, paths: node.paths, logLevel, singleController: node.alone });
  const args = argsFor(node.config);
  return processComponent({
    dependsOn: [bootstrapRolesDeclaration],
    process: processOptions(node, kubeSchedulerDeclaration.name, {
      user: kubeSchedulerDeclaration.user,
      args,
    }),
    ...healthzReadiness(args, kubeSchedulerBuiltInPort),
    argsFor,
  });
}
