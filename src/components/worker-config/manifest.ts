// The ConfigMaps from which workers learn their configuration. Upstream: pkg/component/worker/config/config.go,
// pkg/component/controller/workerconfig/reconciler.go.

import {
  podNameservers,
  featureGatesFor,
  podCidrs,
  primaryAddressFamily,
  serviceCidrs,
} from "../../config/derived.ts";
import { securityOf } from "../../config/security.ts";
import { imageSpec } from "../../config/images.ts";
import type { KubeObject } from "../../kube/types.ts";
import { tlsCipherSuites } from "../../std/flags.ts";
import { commonLabels } from "./common-labels.ts";
import { role, roleBinding } from "../../kube/objects/rbac.ts";
import { writeWorkerSettings } from "./schema.ts";
import type { ClusterFields } from "../../config/changing-fields.ts";
import type { NodeConfig } from "../../config/fixed-fields.ts";

/** What workers are told of. */
export type PublishedConfig = NodeConfig &
  ClusterFields<
    | "images"
    | "workerProfiles"
    | "featureGates"
    | "konnectivity"
    | "network.kubeProxy"
    | "network.calico"
    | "network.nodeLocalDNS"
    | "network.nodeLocalLoadBalancing"
  >;

export interface WorkerConfigInput {
  readonly config: PublishedConfig;
  /** `v1.37.2+k0s.0` */
  readonly k0sVersion: string;
  /** `host:port` of every API server. */
  readonly apiServers: readonly string[];
  readonly konnectivity: boolean;
  readonly autopilot: boolean;
}

/** Name of the stack and of the lease: one set for each minor version. */
export function workerConfigStack(k0sVersion: string): `k0s-worker-config-${string}` {
  return `k0s-worker-config-${minorVersion(k0sVersion)}`;
}

export function workerConfigMapName(profile: string, k0sVersion: string): string {
  return `worker-config-${profile}-${minorVersion(k0sVersion)}`;
}

export function workerConfig(input: WorkerConfigInput): KubeObject[] {
  const maps = [...profiles(input)].map(([profile, kubelet]) => configMap(input, profile, kubelet));
  const name = `system:bootstrappers:worker-config-${minorVersion(input.k0sVersion)}`;
  const labels = commonLabels("worker-config", input.k0sVersion);
  const rule = {
    apiGroups: [""],
    resources: ["configmaps"],
    resourceNames: maps.map((map) => map.metadata.name ?? ""),
    verbs: ["get", "list", "watch"],
  };
  return [
    ...maps,
    role(name, "kube-system", [rule], labels),
    roleBinding(
      name,
      "kube-system",
      name,
      [
        { kind: "Group", name: "system:bootstrappers" },
        { kind: "Group", name: "system:nodes" },
      ],
      labels,
    ),
  ];
}

export function hasWorkerProfile(config: PublishedConfig, profile: string): boolean {
  return profiles({ config }).has(profile);
}

/** The data of a profile's ConfigMap; undefined when there is no such profile. */
export function workerConfigData(
  input: Omit<WorkerConfigInput, "k0sVersion">,
  profile: string,
): Record<string, string> | undefined {
  const kubelet = profiles(input).get(profile);
  return kubelet === undefined ? undefined : dataOf(input, profile, kubelet);
}

type Profiles = ReadonlyMap<string, Record<string, unknown>>;

/** Of workers with Windows. */
const windowsProfile = "default-windows";

function profiles({ config }: Pick<WorkerConfigInput, "config">): Profiles {
  const base = defaultKubelet(config);
  const result = new Map<string, Record<string, unknown>>([
    ["default", base],
    // Windows has neither cgroups nor slices.
    [windowsProfile, { ...base, cgroupsPerQOS: false, kubeReservedCgroup: "", kubeletCgroups: "" }],
  ]);
  for (const { name, values } of config.spec.workerProfiles) {
    result.set(name, { ...(result.get(name) ?? base), ...values });
  }
  return result;
}

/** What `hardening: cis` adds; docs/hardening.md. The kernel has what kubelet asks for then: src/components/host-network/kernel.ts. */
const cisKubelet = {
  protectKernelDefaults: true,
  streamingConnectionIdleTimeout: "5m",
  makeIPTablesUtilChains: true,
  readOnlyPort: 0,
  podPidsLimit: 4096,
  seccompDefault: true,
};

/** kube-proxy's default, which `hardening: cis` narrows to loopback. */
const everywhere = "0.0.0.0:10249";

function defaultKubelet(config: PublishedConfig): Record<string, unknown> {
  const featureGates = featureGatesFor(config, "kubelet");
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    clusterDNS: podNameservers(config),
    clusterDomain: config.spec.network.clusterDomain,
    tlsMinVersion: "VersionTLS12",
    tlsCipherSuites,
    failSwapOn: false,
    rotateCertificates: true,
    serverTLSBootstrap: true,
    eventRecordQPS: 0,
    kubeReservedCgroup: "system.slice",
    kubeletCgroups: "/system.slice/containerd.service",
    ...(securityOf(config).cis ? cisKubelet : {}),
    volumePluginDir: "/usr/libexec/k0s/kubelet-plugins/volume/exec",
    ...(Object.keys(featureGates).length === 0 ? {} : { featureGates }),
  };
}

function configMap(input: WorkerConfigInput, profile: string, kubelet: Record<string, unknown>): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: workerConfigMapName(profile, input.k0sVersion),
      namespace: "kube-system",
      labels: {
        ...commonLabels("worker-config", input.k0sVersion),
        "k0s.k0sproject.io/worker-profile": profile,
      },
    },
    data: dataOf(input, profile, kubelet),
  };
}

function dataOf(
  input: Omit<WorkerConfigInput, "k0sVersion">,
  profile: string,
  kubelet: Record<string, unknown>,
): Record<string, string> {
  const { config, konnectivity } = input;
  const { dualStack, nodeLocalLoadBalancing, kubeProxy } = config.spec.network;
  return writeWorkerSettings({
    apiServerAddresses: input.apiServers.length === 0 ? undefined : [...input.apiServers].sort(),
    kubeletConfiguration: kubelet,
    nodeLocalLoadBalancing: nodeLocalLoadBalancing.enabled ? nodeLocalLoadBalancing : undefined,
    konnectivity: { enabled: konnectivity, agentPort: config.spec.konnectivity.agentPort },
    pauseImage: imageSpec(config, profile === windowsProfile ? "windows.pause" : "pause"),
    dualStackEnabled: dualStack.enabled || undefined,
    autopilotDisabled: !input.autopilot || undefined,
    primaryAddressFamily: primaryAddressFamily(config),
    networkProvider: config.spec.network.provider,
    kernelModules: neededModules(config),
    serviceCIDRs: serviceCidrs(config),
    kubeProxyConfiguration: {
      ...kubeProxy,
      ...(securityOf(config).cis && kubeProxy.metricsBindAddress === everywhere
        ? { metricsBindAddress: "127.0.0.1:10249" }
        : {}),
      clusterCIDR: podCidrs(config).join(","),
      featureGates: featureGatesFor(config, "kube-proxy"),
    },
  });
}

/** Without them a network would work, but not as it was asked to. */
function neededModules({ spec: { network } }: PublishedConfig): string[] | undefined {
  return network.provider === "calico" && network.calico.wireguard ? ["wireguard"] : undefined;
}

function minorVersion(k0sVersion: string): string {
  return /^v?(\d+\.\d+)/.exec(k0sVersion)?.[1] ?? k0sVersion;
}
