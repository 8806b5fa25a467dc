// The ports that a node's processes listen on, so that one that is taken is named before anything is started. Reference §12.5.

import type { ClusterConfig } from "../config/cluster-config.ts";
import type { PortUse } from "../os/ports.ts";

const loopback = "127.0.0.1";

/** Ports of the control plane. */
export function controllerPorts(config: ClusterConfig): readonly PortUse[] {
  const datastore: readonly PortUse[] =
    config.spec.storage.type === "kine"
      ? [{ port: 2380, address: loopback, process: "kine" }]
      : [
          { port: 2379, address: loopback, process: "etcd" },
          { port: 2380, address: config.spec.storage.etcd.peerAddress, process: "etcd" },
        ];
  return [
    { port: config.spec.api.port, process: "kube-apiserver", setting: "spec.api.port" },
    ...datastore,
    { port: 10257, address: loopback, process: "kube-controller-manager" },
    { port: 10259, address: loopback, process: "kube-scheduler" },
  ];
}

/** Ports of a worker. */
export function workerPorts(config: ClusterConfig): readonly PortUse[] {
  const kubelet: readonly PortUse[] = [
    { port: 10250, process: "kubelet" },
    { port: 10248, address: loopback, process: "kubelet" },
  ];
  const { kubeProxy } = config.spec.network;
  if (kubeProxy.disabled) return kubelet;
  return [
    ...kubelet,
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
