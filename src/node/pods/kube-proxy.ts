// What kube-proxy is started with: settings of the cluster, and the mode that this host can.

import { join } from "node:path";
import { kubeProxy } from "../../components/kube-proxy/component.ts";
import { loadIpvs } from "../../components/kube-proxy/ipvs.ts";
import { decideProxyMode } from "../../components/kube-proxy/mode.ts";
import type { WorkerNode } from "../../components/node-facts.ts";
import { ensureProtocolsFile } from "../../os/protocols-file.ts";
import type { KubeProxySettings, WorkerSettings } from "../../components/worker-config/schema.ts";
import { hostTools } from "../../payload/stage-host-tools.ts";
import type { ProcessComponent } from "../../supervisor/process-component.ts";
import type { PodParts } from "./parts.ts";

export function kubeProxyOf(node: WorkerNode, parts: PodParts, first: KubeProxySettings): ProcessComponent {
  const { settings } = parts;
  const { dataDir, hostToolsDir } = node.paths;
  const proxy = (): KubeProxySettings => proxySettings(settings.current()) ?? first;
  return kubeProxy(node, {
    settings: proxy,
    mode: (signal) =>
      decideProxyMode(
        proxy().mode,
        {
          dataDir,
          nft: join(hostTools(hostToolsDir).binDir, "nft"),
          env: node.env,
          hasIpvs: (limit) => loadIpvs(proxy().ipvs["scheduler"], node.log, limit),
          namesProtocols: () => ensureProtocolsFile(node.log),
        },
        signal,
      ),
    kubeconfig: parts.kubeconfig,
  });
}

/** Undefined where the cluster has none. */
export function proxySettings({ kubeProxyConfiguration }: WorkerSettings): KubeProxySettings | undefined {
  return kubeProxyConfiguration?.disabled === false ? kubeProxyConfiguration : undefined;
}
