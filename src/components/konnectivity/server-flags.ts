// The argument list of konnectivity-server. Upstream: pkg/component/controller/konnectivity.go. The
// differences (leases, keep-alive, a certificate of its own) are those of docs/adr/0020.

import { join } from "node:path";
import type { ClusterFields } from "../../config/changing-fields.ts";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import { konnectivityHealthPort } from "./declaration.ts";
import type { NodePaths } from "../../product/paths.ts";
import { leaseNamespace } from "./agent-manifest.ts";
import { type FlagMap, renderFlags, tlsCipherSuites } from "../../std/flags.ts";

export interface KonnectivityServerInput {
  readonly config: NodeConfig & ClusterFields<"konnectivity">;
  readonly paths: NodePaths;
  readonly logLevel: string;
  /** New at every start of k0s: how agents tell the servers apart. */
  readonly serverId: string;
  /** No other controller can ever exist: nothing to count. */
  readonly singleController: boolean;
}

export function konnectivitySocket(paths: NodePaths): string {
  return join(paths.konnectivitySocketDir, "konnectivity-server.sock");
}

/** The complete, sorted argument list. */
export function konnectivityServerArgs(input: KonnectivityServerInput): string[] {
  const { config, paths } = input;
  const { api, konnectivity } = config.spec;
  const certificate = join(paths.pkiDir, "konnectivity");
  const flags: FlagMap = {
    "uds-name": konnectivitySocket(paths),
    "delete-existing-uds-file": "true",
    "cluster-cert": `${certificate}.crt`,
    "cluster-key": `${certificate}.key`,
    kubeconfig: paths.konnectivityKubeconfig,
    mode: "grpc",
    "server-port": "0",
    "agent-port": String(konnectivity.agentPort),
    "admin-port": String(konnectivity.adminPort),
    "health-bind-address": "localhost",
    "health-port": String(konnectivityHealthPort),
    // Without any, it would wait for every open tunnel.
    "graceful-shutdown-timeout": "1ns",
    "agent-namespace": "kube-system",
    "agent-service-account": "konnectivity-agent",
    "authentication-audience": "system:konnectivity-server",
    logtostderr: "true",
    stderrthreshold: "1",
    v: input.logLevel,
    // The lines from which we know whose tunnel is up (tunnels/server-output.ts).
    vmodule: "backend_manager=2",
    "enable-profiling": "false",
    "server-count": "1",
    "server-id": input.serverId,
    "proxy-strategies": "destHost,defaultRoute,default",
    "cipher-suites": tlsCipherSuites.join(","),
    // An agent whose machine lost its power does not close its connection.
    "keepalive-time": "30s",
    ...(api.onlyBindToAddress ? { "agent-bind-address": api.address } : {}),
    ...(input.singleController
      ? {}
      : { "enable-lease-controller": "true", "lease-namespace": leaseNamespace }),
  };
  return renderFlags(flags);
}
