// Connections to a virtual address of the control plane, spread over every API server.
// Upstream: pkg/component/controller/cplb/tcpproxy/tcpproxy.go; docs/adr/0026.

import { readFileSync } from "node:fs";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { defaultApiPort } from "../../config/default-ports.ts";
import { follow } from "../../kube/follow.ts";
import { createInformer, type Informer } from "../../kube/informer.ts";
import { kubeconfigCredentials } from "../../kube/kubeconfig-client.ts";
import type { EndpointSlice } from "../../kube/objects/endpoints.ts";
import { runOrThrow } from "../../os/exec.ts";
import { joinHostPort } from "../../std/ip.ts";
import type { Component, Dependency } from "../../supervisor/component.ts";
import { task } from "../../supervisor/task.ts";
import { connectionLimit } from "../../balancer/connection-limit.ts";
import { apiServerChecks } from "../../balancer/probes.ts";
import { TcpBalancer } from "../../balancer/tcp-balancer.ts";
import type { ControllerNode } from "../node-facts.ts";
import { redirectTable } from "./declaration.ts";

/** Of nft(8): a program that hangs must not keep k0s from starting or ending. */
const timeoutMs = 10_000;

export function controlPlaneBalancer(
  { config, paths, client, log: nodeLog }: ControllerNode,
  { nft, dependsOn }: { readonly nft: string; readonly dependsOn: readonly Dependency[] },
): Component {
  const name = "control-plane-balancer";
  const log = nodeLog.with({ component: name });
  const proxy = new TcpBalancer({
    name: "control plane",
    hostname: "0.0.0.0",
    port: config.spec.network.controlPlaneLoadBalancing.keepalived.userSpaceProxyBindPort,
    checks: apiServerChecks(kubeconfigCredentials(paths.adminKubeconfig)),
    // Anybody on the network may open connections.
    maxConnections: connectionLimit(readFileSync("/proc/self/limits", "utf8")),
    log,
  });

  const informer = async (): Promise<{ informer: Informer<EndpointSlice> }> => {
    const slices = createInformer<EndpointSlice>({
      client: await client(),
      kind: { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" },
      namespace: "default",
      labelSelector: "kubernetes.io/service-name=kubernetes",
      log,
      onChange: () => proxy.setEndpoints(slices.items().flatMap(addressesOf)),
    });
    return { informer: slices };
  };
  const following = follow({ name: "the API servers", log, informer });

  return task({
    name,
    dependsOn,
    parts: async (signal) => {
      proxy.start([joinHostPort("127.0.0.1", config.spec.api.port)]);
      await runOrThrow(nft, ["-f", "-"], { input: redirectRules(config), signal, timeoutMs });
      return [following];
    },
    end: async () => {
      proxy.stop();
      await runOrThrow(nft, ["-f", "-"], { input: noTable, timeoutMs });
    },
  });
}

function addressesOf({ endpoints = [], ports = [] }: EndpointSlice): string[] {
  const port = ports[0]?.port ?? defaultApiPort;
  return endpoints.flatMap(({ addresses }) => addresses.map((address) => joinHostPort(address, port)));
}

/** Removes it, whether it is there or not. */
const noTable = `add table ip ${redirectTable}\ndelete table ip ${redirectTable}\n`;

/** What comes in for a virtual address goes to the balancer; the host's own connections reach its API server. */
export function redirectRules({ spec: { api, network } }: ClusterConfig): string {
  const { vrrpInstances, userSpaceProxyBindPort } = network.controlPlaneLoadBalancing.keepalived;
  const addresses = vrrpInstances.flatMap(({ virtualIPs }) =>
    virtualIPs.map((cidr) => cidr.replace(/\/.*/, "")),
  );
  return `${noTable}table ip ${redirectTable} {
  chain prerouting {
    type nat hook prerouting priority dstnat - 1; policy accept;
    ip daddr { ${addresses.join(", ")} } tcp dport ${api.port} redirect to :${userSpaceProxyBindPort}
  }
}
`;
}
