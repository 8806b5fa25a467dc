// kube-proxy as a process of the worker (docs/adr/0010); upstream runs it as a DaemonSet:
// pkg/component/controller/kubeproxy.go.

import { join } from "node:path";
import { ensureDir, writeFileAtomic } from "../../os/files.ts";
import { dumpYaml } from "../../std/yaml.ts";
import { httpHealth } from "../../supervisor/http-health.ts";
import { processOptions } from "../../supervisor/node-process.ts";
import { type ProcessComponent, processComponent } from "../../supervisor/process-component.ts";
import {
  kubeProxyArgs,
  kubeProxyConfigPath,
  kubeProxyConfiguration,
  kubeProxyHealthUrl,
  type ProxyMode,
} from "./config.ts";
import type { WorkerNode } from "../node-facts.ts";
import type { KubeProxySettings } from "../worker-config/schema.ts";

export interface KubeProxyOptions {
  /** As they are at each start. */
  readonly settings: () => KubeProxySettings;
  /** Decided once the netfilter tools are there. */
  readonly mode: (signal: AbortSignal) => Promise<ProxyMode>;
  /** The kubelet's kubeconfig, which kube-proxy shares; asked at each start. */
  readonly kubeconfig: () => string;
}

export function kubeProxy(node: WorkerNode, options: KubeProxyOptions): ProcessComponent {
  const { paths, name: nodeName } = node;
  const args = (): string[] => kubeProxyArgs({ settings: options.settings(), paths, nodeName });
  const component = processComponent({
    process: processOptions(node, "kube-proxy", {
      args: args(),
      beforeStart: async (signal) => {
        const configuration = kubeProxyConfiguration({
          settings: options.settings(),
          kubeconfig: options.kubeconfig(),
          nodeName,
          mode: await options.mode(signal),
        });
        await ensureDir(join(paths.runDir, "kube-proxy"), { mode: 0o755 });
        await writeFileAtomic(kubeProxyConfigPath(paths), dumpYaml(configuration), { mode: 0o600 });
      },
    }),
    readiness: {
      what: "kube-proxy's health endpoint",
      probe: (signal) => httpHealth(kubeProxyHealthUrl(options.settings()), { signal }),
    },
  });
  return { ...component, restart: () => component.restart(args()) };
}
