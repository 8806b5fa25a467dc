// What a controller that runs pods adds to the list: the runtime, images, kubelet and kube-proxy. Reference §6.5.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { serviceCidrs } from "../config/derived.ts";
import { imageUri } from "../config/images.ts";
import { bundleImages, payloadImages } from "../containerd/image-components.ts";
import { kubeletProfile } from "../manifests/worker-config.ts";
import { effectiveCapabilities } from "../os/capabilities.ts";
import { detectCgroups } from "../os/cgroups.ts";
import { loadModule, writeSysctl } from "../os/kernel.ts";
import { openPayload } from "../payload/payload.ts";
import { startStagingBinaries } from "../payload/stage-binaries.ts";
import { stageCniPlugins } from "../payload/stage-cni-plugins.ts";
import { hostTools, linkIptables, stageHostTools } from "../payload/stage-host-tools.ts";
import { pollUntil } from "../std/wait.ts";
import { statIfExists } from "../os/files.ts";
import type { Component } from "../supervisor/component.ts";
import { cniBinDir, containerd } from "../worker/containerd.ts";
import { hostRoutes } from "../worker/host-routes.ts";
import { prepareKernel } from "../worker/host-setup.ts";
import { decideIptables } from "../worker/iptables-mode.ts";
import { kubelet } from "../worker/kubelet.ts";
import { kubeProxy } from "../worker/kube-proxy.ts";
import { decideProxyMode } from "../worker/kube-proxy-mode.ts";
import { routedNetworks } from "../worker/missing-routes.ts";
import type { WorkerContext } from "../worker/worker-context.ts";
import type { ControllerNode } from "./controller-node.ts";
import { stagingComponent } from "./staging-component.ts";

const controlPlaneTaint = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };

/** The worker inside a controller: it talks to the API server beside it. */
export async function embeddedWorkerComponents(node: ControllerNode): Promise<readonly Component[]> {
  const { config, options, io, payload } = node;
  const { paths } = options;
  const profile = kubeletProfile(config, options.profile);
  if (profile === undefined) throw new Error(`there is no worker profile ${options.profile}`);
  const tools = hostTools(paths.hostToolsDir);
  const context: WorkerContext = {
    paths,
    log: io.log,
    nodeName: node.name,
    self: node.self,
    env: {
      ...tools.env,
      PATH: [paths.binDir, tools.binDir, process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"].join(":"),
    },
  };
  const cgroups = await detectCgroups();
  const capabilities = await effectiveCapabilities();
  const ownRuntime = options.criSocket === undefined;
  const images = [
    payloadImages({
      containerdSocket: paths.containerdSocket,
      dependsOn: ["containerd"],
      log: io.log,
      openSource: () => openPayload(),
      urgent: ({ ref }) =>
        !(config.spec.network.provider === "calico" ? /kube-router|cni-plugins/ : /calico/).test(ref),
    }),
    bundleImages({
      containerdSocket: paths.containerdSocket,
      dependsOn: ["containerd"],
      log: io.log,
      imagesDir: paths.imagesDir,
    }),
  ];
  const runtime = [
    stagingComponent({
      name: "worker-programs",
      // The control plane's programs are on the critical path; these follow.
      dependsOn: ["control-plane-programs"],
      stage: async (signal) => {
        await startStagingBinaries(payload, { binDir: paths.binDir, names: ["containerd", "runc"], signal })
          .done;
        await stageHostTools(payload, paths.hostToolsDir, { signal });
        const backend = await decideIptables(
          options.iptablesMode,
          { tools, dataDir: paths.dataDir, log: io.log },
          signal,
        );
        await linkIptables(tools, backend);
        await stageCniPlugins(payload, cniBinDir, { signal });
        await prepareKernel({ loadModule, writeSysctl }, io.log, signal);
      },
    }),
    hostRoutes(context, {
      destinations: routedNetworks(config.spec.network.provider, serviceCidrs(config)),
      toolsDir: tools.binDir,
      dependsOn: ["worker-programs"],
    }),
    ...(ownRuntime
      ? [
          containerd(context, {
            logLevel: options.logLevels.containerd,
            pauseImage: imageUri(config, "pause"),
            restrictOomScoreAdj: !capabilities.has("sys_resource"),
            dependsOn: ["worker-programs"],
          }),
          ...images,
        ]
      : []),
  ];
  const taints = options.single || options.noTaints ? options.taints : [controlPlaneTaint, ...options.taints];
  const kubeletComponent = kubelet(context, {
    logLevel: options.logLevels.kubelet,
    labels: { "node.k0sproject.io/role": "control-plane", ...options.labels },
    taints,
    nodeIp: options.kubeletExtraArgs["node-ip"] ?? config.spec.api.address,
    extraArgs: options.kubeletExtraArgs,
    externalCloudProvider: options.enableCloudProvider,
    bootstrapKubeconfig: paths.adminKubeconfig,
    runtimeEndpoint: options.criSocket ?? `unix://${paths.containerdSocket}`,
    cgroupV1: cgroups?.version === 1,
    dependsOn: ["kube-apiserver", "worker-programs", ...(ownRuntime ? ["containerd", "images"] : [])],
    profile: () => Promise.resolve(profile),
    clusterCa: () => readFile(join(paths.pkiDir, "ca.crt"), "utf8"),
  });
  if (config.spec.network.kubeProxy.disabled || options.disabledComponents.has("kube-proxy"))
    return [...runtime, kubeletComponent];
  return [...runtime, kubeletComponent, kubeProxyOf(node, context, tools.binDir)];
}

function kubeProxyOf(node: ControllerNode, context: WorkerContext, toolsDir: string): Component {
  const { config, options } = node;
  const { paths } = options;
  return kubeProxy(context, {
    config,
    mode: (signal) =>
      decideProxyMode(
        config.spec.network.kubeProxy.mode,
        { dataDir: paths.dataDir, nft: join(toolsDir, "nft"), env: context.env },
        signal,
      ),
    dependsOn: ["worker-programs", "kube-apiserver"],
    kubeconfig: async (signal) => {
      // kubelet writes its kubeconfig first, and the certificate that this names once it has got it.
      const certificate = join(paths.kubeletRootDir, "pki", "kubelet-client-current.pem");
      await pollUntil(async () => (await statIfExists(certificate)) !== undefined, {
        what: "kubelet's certificate",
        intervalMs: 100,
        signal,
      });
      return paths.kubeletKubeconfig;
    },
  });
}
