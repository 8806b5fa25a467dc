// kube-apiserver. Upstream: pkg/component/controller/apiserver.go.

import type { KubeClient } from "../../kube/client.ts";
import type { Component } from "../../supervisor/component.ts";
import { processOptions } from "../../supervisor/node-process.ts";
import { processComponent } from "../../supervisor/process-component.ts";
import { kubeApiserverDeclaration } from "./declaration.ts";
import { kubeApiserverArgs, kubeApiserverStopTimeout } from "./flags.ts";
import type { ProcessContext } from "../process-context.ts";

export interface KubeApiserverOptions {
  readonly logLevel: string;
  readonly stopTimeoutMs: number | undefined;
  /** Whether it dials nodes, pods and services through the konnectivity server beside it. */
  readonly konnectivity: boolean;
  /** Whether k0s keeps the endpoints of the API. */
  readonly foreignEndpoints: boolean;
  /** The datastore it needs, by component name. */
  readonly dependsOn: readonly string[];
  /** Administrator's client; called once the PKI exists. */
  readonly client: () => Promise<KubeClient>;
}

export function kubeApiserver(context: ProcessContext, options: KubeApiserverOptions): Component {
  const { config, paths } = context;
  const stopTimeoutMs = kubeApiserverStopTimeout(undefined, options.stopTimeoutMs);
  return processComponent({
    dependsOn: options.dependsOn,
    process: processOptions(context, "kube-apiserver", {
      user: kubeApiserverDeclaration.user,
      args: kubeApiserverArgs({
        config,
        paths,
        logLevel: options.logLevel,
        konnectivity: options.konnectivity,
        foreignEndpoints: options.foreignEndpoints,
        stopTimeoutMs,
      }),
      stopTimeoutMs,
      ...(config.spec.api.port < 1024 ? { ambientCaps: ["net_bind_service"] as const } : {}),
    }),
    readiness: {
      what: `the API at https://${config.spec.api.address}:${config.spec.api.port}/readyz`,
      intervalMs: 50,
      probe: async (signal) => {
        const client = await options.client();
        const answer = await client.raw("/readyz", { signal, timeoutMs: 2_000, retries: 0 });
        await answer.body?.cancel();
        return answer.ok;
      },
    },
  });
}
