// kube-controller-manager. Upstream: pkg/component/controller/controllermanager.go.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import { ensureDir } from "../../os/files.ts";
import { errorMessage } from "../../std/errors.ts";
import type { Component } from "../../supervisor/component.ts";
import { logLevelOf } from "../../supervisor/declaration.ts";
import { processOptions } from "../../supervisor/node-process.ts";
import { processComponent } from "../../supervisor/process-component.ts";
import { kubeControllerManagerDeclaration, kubeControllerManagerBuiltInPort } from "./declaration.ts";
import { flexVolumeDir, kubeControllerManagerArgs } from "./flags.ts";
import type { ControllerNode } from "../node-facts.ts";
import { healthzReadiness } from "../../supervisor/serving-endpoint.ts";
import { bootstrapRolesDeclaration } from "../kube-apiserver/declaration.ts";

export function kubeControllerManager(node: ControllerNode): Component {
  const fixed = {
    paths: node.paths,
    logLevel: logLevelOf(kubeControllerManagerDeclaration, node.logLevels),
    cliExtraArgs: node.kubeControllerManagerExtraArgs,
    singleController: node.alone,
  };
  const argsFor = (config: ClusterConfig): string[] => kubeControllerManagerArgs({ config, ...fixed });
  const args = argsFor(node.config);
  return processComponent({
    dependsOn: [bootstrapRolesDeclaration],
    process: processOptions(node, kubeControllerManagerDeclaration.name, {
      user: kubeControllerManagerDeclaration.user,
      args,
    }),
    ...healthzReadiness(args, kubeControllerManagerBuiltInPort),
    // It may not make the directory itself, and logs an error; where /usr is read-only it does so anyway.
    init: () =>
      ensureDir(flexVolumeDir, { mode: 0o755 }).catch((err: unknown) =>
        node.log.debug("Cannot make the directory of flex volume plug-ins", { err: errorMessage(err) }),
      ),
    argsFor,
  });
}
