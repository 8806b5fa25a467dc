// The ports that a node's processes listen on, so that one that is taken is named before anything is started. Reference §12.5.

import type { ClusterConfig } from "../config/cluster-config.ts";
import { isEtcdManaged } from "../config/derived.ts";
import { konnectivityHealthPort } from "../controller/konnectivity-server-flags.ts";
import type { PortUse } from "../os/ports.ts";

const loopback = "127.0.0.1";

/** Ports of the control plane. */
export function controllerPorts(
  config: ClusterConfig,
  { joinApi, konnectivity }: { readonly joinApi: boolean; readonly konnectivity: boolean },
): readonly PortUse[] {
  const { port, k0sApiPort } = config.spec.api;
  return [
    { port, process: "kube-apiserver", setting: "spec.api.port" },
    ...(joinApi ? [{ port: k0sApiPort, process: "k0s-control-api", setting: "spec.api.k0sApiPort" }] : []),
    ...datastorePorts(config),
    ...balancerPorts(config),
    ...(konnectivity ? konnectivityPorts(config) : []),
    { port: 10257, address: loopback, process: "kube-controller-manager" },
    { port: 10259, address: loopback, process: "kube-scheduler" },
  ];
}

function balancerPorts({ spec: { network } }: ClusterConfig): readonly PortUse[] {
  const { enabled, keepalived } = network.controlPlaneLoadBalancing;
  if (!enabled || keepalived.disableLoadBalancer) return [];
  const setting = "spec.network.controlPlaneLoadBalancing.keepalived.userSpaceProxyBindPort";
  return [{ port: keepalived.userSpaceProxyBindPort, process: "the load balancer", setting }];
}

function datastorePorts(config: ClusterConfig): readonly PortUse[] {
  const { type, etcd } = config.spec.storage;
  if (type === "kine") return [{ port: 2380, address: loopback, process: "kine" }];
  if (!isEtcdManaged(config)) return [];
  return [
    { port: 2379, address: loopback, process: "etcd" },
    { port: 2380, address: etcd.peerAddress, process: "etcd" },
  ];
}

function konnectivityPorts({ spec: { api, konnectivity } }: ClusterConfig): readonly PortUse[] {
  const process = "konnectivity-server";
  return [
    {
      port: konnectivity.agentPort,
      process,
      setting: "spec.konnectivity.agentPort",
      ...(api.onlyBindToAddress ? { address: api.address } : {}),
    },
    { port: konnectivity.adminPort, address: loopback, process, setting: "spec.konnectivity.adminPort" },
    { port: konnectivityHealthPort, address: loopback, process },
  ];
}

/** Ports of a controller's own worker. */
export function workerPorts(config: ClusterConfig): readonly PortUse[] {
  const { kubeProxy } = config.spec.network;
  return [...kubeletPorts(), ...(kubeProxy.disabled ? [] : kubeProxyPorts(kubeProxy))];
}

/** From a kubelet configuration, or the defaults. */
export function kubeletPorts(configuration: Readonly<Record<string, unknown>> = {}): readonly PortUse[] {
  const { port = 10250, healthzPort = 10248 } = configuration;
  return [
    { port: Number(port), process: "kubelet" },
    { port: Number(healthzPort), address: loopback, process: "kubelet" },
  ];
}

export function kubeProxyPorts(kubeProxy: {
  readonly metricsBindAddress: string;
  readonly healthzBindAddress: string;
}): readonly PortUse[] {
  return [
    {
      ...hostPort(kubeProxy.metricsBindAddress),
      process: "kube-proxy",
      setting: "spec.network.kubeProxy.metricsBindAddress",
    },
    {
      ...hostPort(kubeProxy.healthzBindAddress),
      process: "kube-proxy",
      setting: "spec.network.kubeProxy.healthzBindAddress",
    },
  ];
}

function hostPort(text: string): { port: number; address: string } {
  const at = text.lastIndexOf(":");
  return { address: text.slice(0, at), port: Number(text.slice(at + 1)) };
}
