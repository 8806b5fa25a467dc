// What every node that runs pods runs, as one visible list: programs, the runtime, images, kubelet and kube-proxy. What
// differs between a worker and a controller's own worker comes in as parts. Upstream: cmd/worker/worker.go.

import { payloadImages } from "../../components/containerd/images/component.ts";
import { effectiveCapabilities } from "../../os/capabilities.ts";
import { ipv6Interfaces, loadModule, readSysctl, writeSysctl } from "../../os/kernel.ts";
import { kubeClientFromKubeconfig } from "../../kube/kubeconfig-client.ts";
import { stageBinaries } from "../../payload/stage-binaries.ts";
import { linkCniPlugins, stageCniPlugins } from "../../payload/stage-cni-plugins.ts";
import { hostTools, linkIptables, stageHostTools } from "../../payload/stage-host-tools.ts";
import { errorMessage } from "../../std/errors.ts";
import type { Component } from "../../supervisor/component.ts";
import { deferredComponent } from "../../supervisor/deferred-component.ts";
import type { ProcessComponent } from "../../supervisor/process-component.ts";
import { containerd } from "../../components/containerd/component.ts";
import { linuxContainerdHost } from "../../components/containerd/containerd-host.ts";
import { nodeReport } from "../../components/containerd/node-report.ts";
import { hostCniBinDir } from "../../product/paths.ts";
import { hostRoutes } from "../../components/host-network/routes.ts";
import { loadNeededModules } from "../../components/host-network/needed-modules.ts";
import { prepareKernel } from "../../components/host-network/kernel.ts";
import { decideIptables } from "../../components/host-network/iptables-mode.ts";
import { containerdDeclaration, fileImages } from "../../components/containerd/declaration.ts";
import { kubeletDeclaration } from "../../components/kubelet/declaration.ts";
import { factsBeforeSettings } from "../../components/worker-facts.ts";
import type { WorkerNode } from "../../components/node-facts.ts";
import { componentsOf } from "../../roles/folds/components.ts";
import { controllerRole } from "../../roles/controller.ts";
import { imagesOf } from "../../roles/folds/images.ts";
import { programsOf } from "../../roles/folds/programs.ts";
import { workerRole } from "../../roles/worker.ts";
import { logLevelOf, runs } from "../../supervisor/declaration.ts";
import { routedNetworks } from "../../components/host-network/missing-routes.ts";
import { pauseImageOf } from "../../components/worker-config/schema.ts";
import { stagingComponent, workerPrograms } from "../../components/staging.ts";
import { kubeProxyDeclaration } from "../../components/kube-proxy/declaration.ts";
import { kubeletOf } from "./kubelet.ts";
import { kubeProxyOf, proxySettings } from "./kube-proxy.ts";
import type { PodHost, PodParts } from "./parts.ts";
import { keptProcesses, podNode } from "./pod-node.ts";

export interface WorkerComponents {
  readonly components: readonly Component[];
  /** Restarts what talks to the API server: its address is another one now. */
  readonly reconnect: () => Promise<void>;
}

/** `role`: for tests. */
export async function workerComponents(
  host: PodHost,
  parts: PodParts,
  role = workerRole,
): Promise<WorkerComponents> {
  const { settings } = parts;
  const node = podNode(host, parts, programEnvironment(host));
  const facts = factsBeforeSettings(node);
  const ownRuntime = runs(containerdDeclaration, facts);
  const { kept, restart } = keptProcesses(node.log);
  settings.onChange((now, before) => {
    // What containerd must not ask its proxy for is part of its environment; running pods do not notice.
    if (hasProxy(process.env) && !Bun.deepEquals(now.apiServerAddresses, before.apiServerAddresses))
      void restart("containerd");
    // The sandboxes of pods that run stay as they are.
    else if (pauseImageOf(now) !== pauseImageOf(before)) void restart("containerd");
    if (!Bun.deepEquals(now.kubeletConfiguration, before.kubeletConfiguration)) void restart("kubelet");
    if (!Bun.deepEquals(now.kubeProxyConfiguration, before.kubeProxyConfiguration))
      void restart("kube-proxy");
  });
  const components = [
    stagedForPods(node, parts),
    routesOf(node, parts),
    ...(ownRuntime ? [containerdOf(node, parts, kept), imageImport(node, parts)] : []),
    ...(await componentsOf(role, facts, node)),
    deferredComponent({
      name: kubeletDeclaration.name,
      dependsOn: [
        ...parts.credentialsFrom,
        workerPrograms,
        ...(ownRuntime ? [containerdDeclaration, fileImages] : []),
      ],
      make: async () => kept(await kubeletOf(node, parts)),
    }),
    ...(parts.runsKubeProxy
      ? [
          deferredComponent({
            name: kubeProxyDeclaration.name,
            dependsOn: [...parts.credentialsFrom, ...parts.rightsFrom, workerPrograms],
            make: () => {
              const proxy = proxySettings(settings.current());
              return proxy === undefined
                ? idle(kubeProxyDeclaration.name)
                : kept(kubeProxyOf(node, parts, proxy));
            },
          }),
        ]
      : []),
    ...(ownRuntime ? [reportOf(node, parts)] : []),
  ];
  return {
    components,
    reconnect: async () => void (await Promise.all(["kubelet", "kube-proxy"].map(restart))),
  };
}

/** Whether containerd is given one. */
function hasProxy(env: Readonly<Record<string, string | undefined>>): boolean {
  return Object.keys(env).some((name) => /^(containerd_)?https?_proxy$/i.test(name));
}

function programEnvironment({ paths }: PodHost): WorkerNode["env"] {
  const tools = hostTools(paths.hostToolsDir);
  const path = process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin";
  return { ...tools.env, PATH: [paths.binDir, tools.binDir, path].join(":") };
}

function stagedForPods(node: WorkerNode, { programsAfter }: PodParts): Component {
  const { paths, payload, log, progress, criSocket } = node;
  return stagingComponent({
    ...workerPrograms,
    dependsOn: programsAfter,
    stage: async (signal) => {
      const names = programsOf(workerRole, factsBeforeSettings(node));
      // Beside a control plane they are ready before its API is anyway.
      const how = { signal, later: programsAfter.length > 0 };
      await stageBinaries(payload, { binDir: paths.binDir, names, report: progress, ...how });
      await stageHostTools(payload, paths.hostToolsDir, how);
      const tools = hostTools(paths.hostToolsDir);
      const found = { tools, dataDir: paths.dataDir, log };
      await linkIptables(tools, await decideIptables(node.iptablesMode, found, signal));
      await stageCniPlugins(payload, paths.cniBinDir, how);
      if (criSocket !== undefined) await linkCniPlugins(payload, paths.cniBinDir, hostCniBinDir);
      await prepareKernel({ ipv6Interfaces, loadModule, readSysctl, writeSysctl }, log, signal);
    },
  });
}

function routesOf(node: WorkerNode, { settings, settingsFrom }: PodParts): Component {
  return deferredComponent({
    name: "host-routes",
    dependsOn: [workerPrograms, ...settingsFrom],
    make: async (signal) => {
      const { networkProvider = "custom", serviceCIDRs, kernelModules } = settings.current();
      await loadNeededModules(kernelModules, loadModule, signal);
      settings.onChange((now, before) => {
        if (Bun.deepEquals(now.kernelModules, before.kernelModules)) return;
        loadNeededModules(now.kernelModules, loadModule, AbortSignal.timeout(60_000)).catch((err: unknown) =>
          node.log.error("The kernel lacks what the network asks for", { err: errorMessage(err) }),
        );
      });
      return hostRoutes(node, {
        destinations: routedNetworks(networkProvider, serviceCIDRs),
        toolsDir: hostTools(node.paths.hostToolsDir).binDir,
      });
    },
  });
}

function containerdOf(
  node: WorkerNode,
  { settings, settingsFrom }: PodParts,
  kept: (process: ProcessComponent) => ProcessComponent,
): Component {
  return deferredComponent({
    name: containerdDeclaration.name,
    dependsOn: [workerPrograms, ...settingsFrom],
    make: async () =>
      kept(
        containerd(node, {
          logLevel: logLevelOf(containerdDeclaration, node.logLevels),
          pauseImage: () => pauseImageOf(settings.current()),
          host: linuxContainerdHost(node, {
            restrictOomScoreAdj: !(await effectiveCapabilities()).has("sys_resource"),
          }),
        }),
      ),
  });
}

function reportOf({ name, log }: WorkerNode, parts: PodParts): Component {
  return nodeReport({
    nodeName: name,
    facts: (signal) => parts.runtime.facts(signal),
    client: () => kubeClientFromKubeconfig(parts.kubeconfig()),
    dependsOn: [containerdDeclaration, kubeletDeclaration],
    log,
  });
}

function imageImport({ paths, payload, log }: WorkerNode, { settings }: PodParts): Component {
  return payloadImages({
    containerdSocket: paths.containerdSocket,
    dependsOn: [containerdDeclaration],
    log,
    source: payload,
    place: { rootDir: paths.containerdRootDir, scratchDir: paths.dataDir },
    needed: ({ ref }) => imagesOf([...controllerRole, ...workerRole], settings.current()).has(ref),
  });
}

/** Stands for what the cluster has switched off. */
function idle(name: string): Component {
  return { name, start: () => Promise.resolve(), stop: () => Promise.resolve() };
}
