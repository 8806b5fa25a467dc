// kube-scheduler. Upstream: pkg/component/controller/scheduler.go.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { Component } from "../../supervisor/component.ts";
import { processOptions } from "../../supervisor/node-process.ts";
import { processComponent } from "../../supervisor/process-component.ts";
import { kubeSchedulerDeclaration } from "./declaration.ts";
import { kubeSchedulerArgs } from "./flags.ts";
import type { ProcessContext } from "../process-context.ts";
import { healthzReadiness } from "../../supervisor/serving-endpoint.ts";

export interface KubeSchedulerOptions {
  readonly logLevel: string;
  readonly singleController: boolean;
}

export function kubeScheduler(context: ProcessContext, options: KubeSchedulerOptions): Component {
  const argsFor = (config: ClusterConfig): string[] =>
    kubeSchedulerArgs({ config, paths: context.paths, ...options });
  const args = argsFor(context.config);
  return processComponent({
    dependsOn: ["kube-apiserver"],
    process: processOptions(context, kubeSchedulerDeclaration.name, {
      user: kubeSchedulerDeclaration.user,
      args,
    }),
    ...healthzReadiness(args, 10_259),
    argsFor,
  });
}
