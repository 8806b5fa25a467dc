// The ports on which a node's processes listen: the one table that `config validate` compares the fields of a
// configuration by, and by which a start finds out whether a port is taken. Reference §12.5.

import { isUnspecified, normalizeIp, withoutBrackets } from "../std/ip.ts";
import type { YamlPath } from "../std/yaml-positions.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { isEtcdManaged } from "./derived.ts";

export interface PlannedPort {
  readonly port: number;
  /** Undefined for all addresses. */
  readonly address?: string;
  /** What listens there. */
  readonly process: string;
  /** The field that moves it, if there is one. */
  readonly setting?: YamlPath;
}

/** On loopback; not configurable, as in upstream. */
export const konnectivityHealthPort = 8092;

const loopback = "127.0.0.1";
const network = ["spec", "network"];

/** Ports of the control plane. */
export function controllerPorts(
  config: ClusterConfig,
  { joinApi, konnectivity }: { readonly joinApi: boolean; readonly konnectivity: boolean },
): readonly PlannedPort[] {
  const { api } = config.spec;
  const bound = api.onlyBindToAddress ? { address: api.address } : {};
  return [
    { port: api.port, ...bound, process: "kube-apiserver", setting: ["spec", "api", "port"] },
    ...(joinApi
      ? [
          {
            port: api.k0sApiPort,
            ...bound,
            process: "k0s-control-api",
            setting: ["spec", "api", "k0sApiPort"],
          },
        ]
      : []),
    ...datastorePorts(config),
    ...controlPlaneBalancerPorts(config),
    ...(konnectivity ? konnectivityPorts(config) : []),
    { port: 10_257, address: loopback, process: "kube-controller-manager" },
    { port: 10_259, address: loopback, process: "kube-scheduler" },
  ];
}

function datastorePorts(config: ClusterConfig): readonly PlannedPort[] {
  const { type, etcd } = config.spec.storage;
  if (type === "kine") return [{ port: 2380, address: loopback, process: "kine" }];
  if (!isEtcdManaged(config)) return [];
  return [
    { port: 2379, address: loopback, process: "etcd" },
    { port: 2380, address: etcd.peerAddress, process: "etcd" },
  ];
}

function controlPlaneBalancerPorts({ spec }: ClusterConfig): readonly PlannedPort[] {
  const { enabled, keepalived } = spec.network.controlPlaneLoadBalancing;
  if (!enabled || keepalived.disableLoadBalancer) return [];
  const setting = [...network, "controlPlaneLoadBalancing", "keepalived", "userSpaceProxyBindPort"];
  return [{ port: keepalived.userSpaceProxyBindPort, process: "the load balancer", setting }];
}

function konnectivityPorts({ spec: { api, konnectivity } }: ClusterConfig): readonly PlannedPort[] {
  const process = "konnectivity-server";
  const setting = (field: string): YamlPath => ["spec", "konnectivity", field];
  return [
    {
      port: konnectivity.agentPort,
      ...(api.onlyBindToAddress ? { address: api.address } : {}),
      process,
      setting: setting("agentPort"),
    },
    { port: konnectivity.adminPort, address: loopback, process, setting: setting("adminPort") },
    { port: konnectivityHealthPort, address: loopback, process },
  ];
}

/** Ports of a node that runs pods with this worker profile; `default` is there without being configured. */
export function workerPorts(config: ClusterConfig, profileName: string): readonly PlannedPort[] {
  const { workerProfiles, network: net } = config.spec;
  const index = workerProfiles.findIndex(({ name }) => name === profileName);
  const kubelet = kubeletPorts(workerProfiles[index]?.values, ["spec", "workerProfiles", index, "values"]);
  return [...kubelet, ...(net.kubeProxy.disabled ? [] : kubeProxyPorts(net.kubeProxy))];
}

/** From a KubeletConfiguration, or kubelet's defaults; `at` is where it stands in a file. */
export function kubeletPorts(
  configuration: Readonly<Record<string, unknown>> = {},
  at?: YamlPath,
): readonly PlannedPort[] {
  const { healthzBindAddress: healthAddress } = configuration;
  const listeners = [
    { field: "port", byDefault: 10_250 },
    { field: "readOnlyPort", byDefault: 0 },
    {
      field: "healthzPort",
      byDefault: 10_248,
      address: typeof healthAddress === "string" ? healthAddress : loopback,
    },
  ];
  return listeners.flatMap(({ field, byDefault, ...bound }) => {
    const given = configuration[field] ?? undefined;
    const port = typeof given === "number" ? given : byDefault;
    const setting = given === undefined || at === undefined ? {} : { setting: [...at, field] };
    return port === 0 ? [] : [{ port, ...bound, process: "kubelet", ...setting }];
  });
}

export function kubeProxyPorts(kubeProxy: {
  readonly metricsBindAddress: string;
  readonly healthzBindAddress: string;
}): readonly PlannedPort[] {
  return (["metricsBindAddress", "healthzBindAddress"] as const).map((field) => ({
    ...hostPort(kubeProxy[field]),
    process: "kube-proxy",
    setting: [...network, "kubeProxy", field],
  }));
}

/** Ports of a worker that come and go with pods and settings, so that a start cannot ask for them. */
export function laterWorkerPorts({ spec }: ClusterConfig): readonly PlannedPort[] {
  const { provider, kuberouter, nodeLocalLoadBalancing: balancing } = spec.network;
  const section = balancing.type === "Traefik" ? "traefik" : "envoyProxy";
  const balanced = (["apiServerBindPort", "konnectivityServerBindPort"] as const).map((field) => ({
    port: balancing[section][field],
    address: loopback,
    process: "the node-local load balancer",
    setting: [...network, "nodeLocalLoadBalancing", section, field],
  }));
  const metrics = {
    port: kuberouter.metricsPort,
    process: "kube-router",
    setting: [...network, "kuberouter", "metricsPort"],
  };
  return [
    ...(balancing.enabled ? balanced : []),
    ...(provider === "calico" ? [{ port: felixHealthPort, address: loopback, process: "calico-node" }] : []),
    ...(provider === "kuberouter" ? [{ port: kubeRouterHealthPort, process: "kube-router" }] : []),
    ...(provider === "kuberouter" && kuberouter.metricsPort > 0 ? [metrics] : []),
  ];
}

/** Of calico-node, on loopback. */
export const felixHealthPort = 9099;
export const kubeRouterHealthPort = 20_244;

/** Whether one of two processes on the same host would find its port taken by the other. */
export function collide(one: PlannedPort, other: PlannedPort): boolean {
  if (one.port !== other.port) return false;
  if (isEvery(one.address) || isEvery(other.address)) return true;
  return normalizeIp(one.address ?? "") === normalizeIp(other.address ?? "");
}

function isEvery(address: string | undefined): boolean {
  return address === undefined || isUnspecified(address);
}

function hostPort(text: string): { port: number; address: string } {
  const at = text.lastIndexOf(":");
  return { address: withoutBrackets(text.slice(0, at)), port: Number(text.slice(at + 1)) };
}
