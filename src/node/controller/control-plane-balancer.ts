// The control plane behind one address on request: virtual addresses, and connections to them spread over every API
// server. Upstream: pkg/component/controller/cplb/tcpproxy/tcpproxy.go; docs/adr/0026.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { redirectTable } from "../../components/control-plane-address/declaration.ts";
import { virtualIps } from "../../components/control-plane-address/component.ts";
import { follow } from "../../kube/follow.ts";
import { createInformer, type Informer } from "../../kube/informer.ts";
import { kubeconfigCredentials } from "../../kube/kubeconfig-client.ts";
import type { EndpointSlice } from "../../kube/objects/endpoints.ts";
import { runOrThrow } from "../../os/exec.ts";
import { hostTools, stageHostTools } from "../../payload/stage-host-tools.ts";
import { joinHostPort } from "../../std/ip.ts";
import type { Component } from "../../supervisor/component.ts";
import { task } from "../../supervisor/task.ts";
import { connectionLimit } from "../../balancer/connection-limit.ts";
import { apiServerChecks } from "../../balancer/probes.ts";
import { TcpBalancer } from "../../balancer/tcp-balancer.ts";
import type { ControllerNode } from "./facts.ts";
import { stagingComponent } from "../start/staging.ts";

/** Of nft(8): a program that hangs must not keep k0s from starting or ending. */
const timeoutMs = 10_000;

/** Empty where nobody asks for it. */
export function controlPlaneBalancer(node: ControllerNode): readonly Component[] {
  const { config, options, io, payload } = node;
  const { enabled, keepalived } = config.spec.network.controlPlaneLoadBalancing;
  if (!enabled || keepalived.vrrpInstances.length === 0) return [];
  const { binDir } = hostTools(options.paths.hostToolsDir);
  const staged = options.enableWorker ? "worker-programs" : "host-tools";
  const dependsOn = ["kube-apiserver", staged];
  return [
    // A worker brings them anyway.
    ...(options.enableWorker
      ? []
      : [
          stagingComponent({
            name: "host-tools",
            dependsOn: ["control-plane-programs"],
            stage: async (signal) =>
              void (await stageHostTools(payload, options.paths.hostToolsDir, { signal })),
          }),
        ]),
    ...(keepalived.disableLoadBalancer ? [] : [balancer(node, join(binDir, "nft"), dependsOn)]),
    virtualIps({ config, log: io.log, ip: join(binDir, "ip"), dependsOn }),
  ];
}

function balancer(node: ControllerNode, nft: string, dependsOn: readonly string[]): Component {
  const { config, options, io, client } = node;
  const name = "control-plane-balancer";
  const log = io.log.with({ component: name });
  const proxy = new TcpBalancer({
    name: "control plane",
    hostname: "0.0.0.0",
    port: config.spec.network.controlPlaneLoadBalancing.keepalived.userSpaceProxyBindPort,
    checks: apiServerChecks(kubeconfigCredentials(options.paths.adminKubeconfig)),
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
  const port = ports[0]?.port ?? 6443;
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
