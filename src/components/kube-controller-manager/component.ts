// kube-controller-manager. Upstream: pkg/component/controller/controllermanager.go.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { FlagMap } from "../../std/flags.ts";
import { ensureDir } from "../../os/files.ts";
import { errorMessage } from "../../std/errors.ts";
import type { Component } from "../../supervisor/component.ts";
import { processOptions } from "../../supervisor/node-process.ts";
import { processComponent } from "../../supervisor/process-component.ts";
import { kubeControllerManagerDeclaration } from "./declaration.ts";
import { flexVolumeDir, kubeControllerManagerArgs } from "./flags.ts";
import type { ProcessContext } from "../process-context.ts";
import { healthzReadiness } from "../../supervisor/serving-endpoint.ts";

export interface KubeControllerManagerOptions {
  readonly logLevel: string;
  readonly cliExtraArgs: FlagMap;
  readonly singleController: boolean;
}

export function kubeControllerManager(
  context: ProcessContext,
  options: KubeControllerManagerOptions,
): Component {
  const argsFor = (config: ClusterConfig): string[] =>
    kubeControllerManagerArgs({ config, paths: context.paths, ...options });
  const args = argsFor(context.config);
  return processComponent({
    dependsOn: ["kube-apiserver"],
    process: processOptions(context, "kube-controller-manager", {
      user: kubeControllerManagerDeclaration.user,
      args,
    }),
    ...healthzReadiness(args, 10_257),
    // It may not make the directory itself, and logs an error; where /usr is read-only it does so anyway.
    init: () =>
      ensureDir(flexVolumeDir, { mode: 0o755 }).catch((err: unknown) =>
        context.log.debug("Cannot make the directory of flex volume plug-ins", { err: errorMessage(err) }),
      ),
    argsFor,
  });
}
