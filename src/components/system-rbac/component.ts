// Applies stack `bootstraprbac`; kubelets can join once it is ready. Upstream: pkg/component/controller/systemrbac.go.

import { applyStack } from "../../deployer/apply-stack.ts";
import type { KubeClient } from "../../kube/client.ts";
import { systemRbac } from "./manifest.ts";
import type { SystemRbacInput } from "./manifest.ts";
import type { Logger } from "../../std/log.ts";
import type { Component } from "../../supervisor/component.ts";
import { onceTask } from "../../supervisor/task.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";

export interface SystemRbacOptions extends SystemRbacInput {
  readonly client: () => Promise<KubeClient>;
  readonly log: Logger;
}

export function systemRbacComponent(options: SystemRbacOptions): Component {
  const log = options.log.with({ component: "system-rbac" });
  return onceTask({
    name: "system-rbac",
    dependsOn: [kubeApiserverDeclaration],
    work: async (signal) =>
      applyStack(await options.client(), "bootstraprbac", systemRbac(options), { signal, log }),
  });
}
