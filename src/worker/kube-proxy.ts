// kube-proxy as a process of the worker (docs/adr/0010); upstream runs it as a DaemonSet: reference §8.5.

import { join } from "node:path";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { ensureDir, writeFileAtomic } from "../os/files.ts";
import { dumpYaml } from "../std/yaml.ts";
import type { Component } from "../supervisor/component.ts";
import { processOptions } from "../supervisor/node-process.ts";
import { processComponent } from "../supervisor/process-component.ts";
import {
  kubeProxyArgs,
  kubeProxyConfigPath,
  kubeProxyConfiguration,
  type ProxyMode,
} from "./kube-proxy-config.ts";
import type { WorkerContext } from "./worker-context.ts";

export interface KubeProxyOptions {
  readonly config: ClusterConfig;
  /** Decided once the netfilter tools are there. */
  readonly mode: (signal: AbortSignal) => Promise<ProxyMode>;
  readonly dependsOn: readonly string[];
  /** Waits for the kubelet's kubeconfig, which kube-proxy shares. */
  readonly kubeconfig: (signal: AbortSignal) => Promise<string>;
}

export function kubeProxy(context: WorkerContext, options: KubeProxyOptions): Component {
  const { paths, nodeName } = context;
  return processComponent({
    dependsOn: options.dependsOn,
    process: processOptions(context, "kube-proxy", {
      args: kubeProxyArgs({ config: options.config, paths, nodeName }),
      beforeStart: async (signal) => {
        const configuration = kubeProxyConfiguration({
          config: options.config,
          kubeconfig: await options.kubeconfig(signal),
          nodeName,
          mode: await options.mode(signal),
        });
        await ensureDir(join(paths.runDir, "kube-proxy"), { mode: 0o755 });
        await writeFileAtomic(kubeProxyConfigPath(paths), dumpYaml(configuration), { mode: 0o600 });
      },
    }),
  });
}
