// Ports on which one controller listens must differ from each other. Reference §12.5.

import type { YamlPath } from "../../std/yaml-positions.ts";
import type { ClusterConfig } from "../cluster-config.ts";
import type { ConfigProblem } from "../problem.ts";

interface Listener {
  readonly port: number;
  readonly what: string;
  readonly path: YamlPath | undefined;
}

export function portRule({ spec: { api, konnectivity, network } }: ClusterConfig): ConfigProblem[] {
  const balancer = network.controlPlaneLoadBalancing;
  const configured: Listener[] = [
    { port: api.port, what: "spec.api.port", path: ["spec", "api", "port"] },
    { port: api.k0sApiPort, what: "spec.api.k0sApiPort", path: ["spec", "api", "k0sApiPort"] },
    {
      port: konnectivity.agentPort,
      what: "spec.konnectivity.agentPort",
      path: ["spec", "konnectivity", "agentPort"],
    },
    {
      port: konnectivity.adminPort,
      what: "spec.konnectivity.adminPort",
      path: ["spec", "konnectivity", "adminPort"],
    },
  ];
  if (balancer.enabled) {
    const path = ["spec", "network", "controlPlaneLoadBalancing", "keepalived", "userSpaceProxyBindPort"];
    configured.push({
      port: balancer.keepalived.userSpaceProxyBindPort,
      what: "userSpaceProxyBindPort",
      path,
    });
  }
  const all = [...fixed, ...configured];
  return configured.flatMap((listener) => {
    const { port, path = [] } = listener;
    const earlier = all.slice(0, all.indexOf(listener)).find((other) => other.port === port);
    if (earlier === undefined) return [];
    const involves = earlier.path === undefined ? {} : { involves: [earlier.path] };
    return [{ path, ...involves, message: `${port} is taken: it is the port of ${earlier.what}` }];
  });
}

/** Ports of a node that nobody can move. */
const fixed: readonly Listener[] = [
  { port: 2379, what: "etcd's clients", path: undefined },
  { port: 2380, what: "etcd's peers", path: undefined },
  { port: 10_250, what: "kubelet", path: undefined },
  { port: 10_257, what: "kube-controller-manager", path: undefined },
  { port: 10_259, what: "kube-scheduler", path: undefined },
];
