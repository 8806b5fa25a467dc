// What a worker on Windows runs pods with: the programs of the file, containerd, kubelet. kube-proxy and the network are pods
// of the cluster there (src/components/windows-node). What they have in common with Linux is in src/components.

import { kubelet } from "../../components/kubelet/component.ts";
import { kubeletDeclaration } from "../../components/kubelet/declaration.ts";
import { windowsKubelet } from "../../components/kubelet/windows.ts";
import { containerd } from "../../components/containerd/component.ts";
import { containerdDeclaration } from "../../components/containerd/declaration.ts";
import { windowsContainerdHost } from "../../components/containerd/windows.ts";
import type { WorkerNode } from "../../components/node-facts.ts";
import { stagingComponent, workerPrograms } from "../../components/staging.ts";
import { pauseImageOf, type WorkerSettings } from "../../components/worker-config/schema.ts";
import { stageBinaries } from "../../payload/stage-binaries.ts";
import type { Component } from "../../supervisor/component.ts";
import { logLevelOf } from "../../supervisor/declaration.ts";
import { deferredComponent } from "../../supervisor/deferred-component.ts";
import type { ProcessComponent } from "../../supervisor/process-component.ts";
import { kubeletAddresses } from "../pods/kubelet.ts";
import type { PodHost, PodParts } from "../pods/parts.ts";
import { keptProcesses, podNode } from "../pods/pod-node.ts";

/** Parts of the k0s file, in the order in which they are needed. */
export const windowsParts: readonly string[] = ["containerd", "hcsshim", "kubernetes"];

export type WindowsPodParts = Omit<PodParts, "programsAfter" | "rightsFrom" | "runsKubeProxy" | "runtime">;

export interface WindowsPods {
  readonly components: readonly Component[];
  /** Restarts what talks to the API server: its address is another one now. */
  readonly reconnect: () => Promise<void>;
}

export function windowsPods(host: PodHost, parts: WindowsPodParts): WindowsPods {
  const { settings } = parts;
  const node = podNode(host, parts, {});
  const ownRuntime = host.criSocket === undefined;
  const { kept, restart } = keptProcesses(node.log);
  settings.onChange((now, before) => {
    if (pauseImageOf(now) !== pauseImageOf(before)) void restart("containerd");
    if (!Bun.deepEquals(now.kubeletConfiguration, before.kubeletConfiguration)) void restart("kubelet");
  });
  return {
    components: [
      stagedPrograms(node),
      ...(ownRuntime
        ? [
            deferredComponent({
              name: containerdDeclaration.name,
              dependsOn: [workerPrograms, ...parts.settingsFrom],
              make: () => kept(containerdOf(node, parts)),
            }),
          ]
        : []),
      deferredComponent({
        name: kubeletDeclaration.name,
        dependsOn: [...parts.credentialsFrom, workerPrograms, ...(ownRuntime ? [containerdDeclaration] : [])],
        make: async () => kept(await kubeletOf(node, parts)),
      }),
    ],
    reconnect: () => restart("kubelet"),
  };
}

function stagedPrograms({ paths, payload, progress, criSocket }: WorkerNode): Component {
  return stagingComponent({
    ...workerPrograms,
    stage: (signal) => {
      const names = criSocket === undefined ? windowsParts : ["kubernetes"];
      return stageBinaries(payload, { binDir: paths.binDir, names, report: progress, signal });
    },
  });
}

function containerdOf(node: WorkerNode, { settings }: WindowsPodParts): ProcessComponent {
  return containerd(node, {
    logLevel: logLevelOf(containerdDeclaration, node.logLevels),
    pauseImage: () => pauseImageOf(settings.current()),
    host: windowsContainerdHost,
  });
}

async function kubeletOf(node: WorkerNode, parts: WindowsPodParts): Promise<ProcessComponent> {
  const { kubeletExtraArgs, criSocket, paths } = node;
  const current: WorkerSettings = parts.settings.current();
  return kubelet(node, {
    logLevel: logLevelOf(kubeletDeclaration, node.logLevels),
    labels: node.labels,
    taints: node.taints,
    ...(await kubeletAddresses(parts, current, kubeletExtraArgs)),
    extraArgs: kubeletExtraArgs,
    externalCloudProvider: node.enableCloudProvider,
    kubeconfig: parts.kubeconfig,
    runtimeEndpoint: criSocket ?? paths.containerdEndpoint,
    cgroupV1: false,
    profile: () => parts.settings.current().kubeletConfiguration,
    clusterCa: parts.clusterCa,
    system: windowsKubelet,
  });
}
