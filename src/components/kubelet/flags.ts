// The argument list and configuration file of kubelet. Upstream: pkg/component/worker/kubelet.go.

import type { Taint } from "../node-options.ts";
import type { NodePaths } from "../../product/paths.ts";
import { joinPath } from "../../std/join-path.ts";
import { appendToFlag, type FlagMap, mergeFlags, renderFlags } from "../../std/flags.ts";

export interface KubeletFlagsInput {
  readonly paths: NodePaths;
  readonly nodeName: string;
  readonly logLevel: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Address the node registers with; needed on a host that has no default route. */
  readonly nodeIp: string | undefined;
  readonly kubeconfig: string;
  readonly externalCloudProvider: boolean;
  /** Of k0s' containerd: where kubelet's metrics of containers get their names from. */
  readonly containerdSocket?: string | undefined;
  /** What only this system's kubelet is told. */
  readonly ofSystem?: FlagMap;
  /** `--kubelet-extra-args`, parsed. */
  readonly extraArgs: FlagMap;
}

/** The complete, sorted argument list. */
export function kubeletArgs(input: KubeletFlagsInput): string[] {
  const { paths } = input;
  const labels = Object.entries(input.labels).map(([key, value]) => `${key}=${value}`);
  const generated: FlagMap = {
    "root-dir": paths.kubeletRootDir,
    "cert-dir": joinPath(paths.kubeletRootDir, "pki"),
    config: kubeletConfigPath(paths),
    kubeconfig: input.kubeconfig,
    v: input.logLevel,
    ...(input.nodeIp === undefined ? {} : { "node-ip": input.nodeIp }),
    ...(input.containerdSocket === undefined ? {} : { containerd: input.containerdSocket }),
    ...(input.externalCloudProvider ? { "cloud-provider": "external" } : {}),
    ...input.ofSystem,
  };
  const flags = mergeFlags(generated, input.extraArgs, { "hostname-override": input.nodeName });
  return renderFlags(appendToFlag(flags, "node-labels", labels));
}

/** The generated configuration file, mode 0600. */
export function kubeletConfigPath(paths: NodePaths): string {
  return joinPath(paths.runDir, "kubelet", "config.yaml");
}

export interface KubeletConfigInput {
  /** KubeletConfiguration of the worker profile. */
  readonly profile: Readonly<Record<string, unknown>>;
  readonly clientCaFile: string;
  readonly resolvConf: string;
  /** `unix://…` of the container runtime, or `npipe:…`. */
  readonly runtimeEndpoint: string;
  /** Taints of the first registration. */
  readonly taints: readonly Taint[];
  readonly cgroupV1: boolean;
  /** The disk belongs to a host that others use too: only when it is really full, pods and images have to go. */
  readonly sharedDisk: boolean;
}

const sharedDiskSettings = {
  imageGCHighThresholdPercent: 100,
  evictionHard: {
    "memory.available": "100Mi",
    "nodefs.available": "1%",
    "nodefs.inodesFree": "1%",
    "imagefs.available": "1%",
    "imagefs.inodesFree": "1%",
  },
};

/** The worker profile completed with what only this node knows. */
export function kubeletConfiguration(input: KubeletConfigInput): Record<string, unknown> {
  const { profile } = input;
  return {
    // On cgroup v1 kubelet 1.37 refuses to start unless told otherwise.
    ...(input.cgroupV1 ? { failCgroupV1: false, cgroupDriver: "cgroupfs" } : {}),
    ...(input.sharedDisk ? sharedDiskSettings : {}),
    resolvConf: input.resolvConf,
    ...profile,
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: input.clientCaFile },
    },
    authorization: { mode: "Webhook" },
    containerRuntimeEndpoint: input.runtimeEndpoint,
    ...(input.taints.length === 0 ? {} : { registerWithTaints: input.taints }),
  };
}
