// Keeps the workers' ConfigMaps: applied when the configuration or the API servers change, by the holder of the lease of
// this minor version. Upstream: pkg/component/controller/workerconfig/reconciler.go.

import { type CodeStack, createCodeStack } from "../../deployer/apply-stack.ts";
import type { KubeClient } from "../../kube/client.ts";
import { createInformer, type Informer } from "../../kube/informer.ts";
import type { LeaseHolder } from "../../kube/objects/lease.ts";
import { whileLeading } from "../../kube/leading-client.ts";
import { createLeaderElector } from "../../kube/lease.ts";
import { type PublishedConfig, workerConfig, workerConfigStack } from "./manifest.ts";
import { joinHostPort } from "../../std/ip.ts";
import type { Logger } from "../../std/log.ts";
import { createLoop } from "../../std/loop.ts";
import type { Component, Dependency } from "../../supervisor/component.ts";
import { task } from "../../supervisor/task.ts";
import { apiEndpoints, type Endpoints } from "../../kube/objects/endpoints.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";

export interface WorkerConfigOptions {
  readonly config: PublishedConfig;
  readonly client: () => Promise<KubeClient>;
  readonly log: Logger;
  readonly k0sVersion: string;
  /** Of the leases' own lane. */
  readonly leaseClient: () => Promise<KubeClient>;
  /** Tells this controller from others in the lease. */
  readonly holder: LeaseHolder;
  readonly konnectivity: boolean;
  readonly autopilot: boolean;
  /** What it waits for besides the API. */
  readonly after?: readonly Dependency[];
  /** Between looks whether everything is still there, in milliseconds; default a minute. No worker joins without it. */
  readonly resyncMs?: number;
}

const backoff = { firstMs: 400, longestMs: 60_000 };

export function workerConfigReconciler(options: WorkerConfigOptions): Component {
  const { k0sVersion } = options;
  const stackName = workerConfigStack(k0sVersion);
  const log = options.log.with({ component: "worker-config" });
  let config = options.config;
  let apiServers: readonly string[] = [];
  let leading = false;

  const apply = async (stack: CodeStack, signal: AbortSignal): Promise<void> => {
    if (!leading || apiServers.length === 0) return;
    await stack.apply(workerConfig({ ...options, config, apiServers }), signal);
  };

  const apiServersInformer = (client: KubeClient, onChange: () => void): Informer<Endpoints> => {
    const endpoints = createInformer<Endpoints>({
      client,
      kind: apiEndpoints,
      namespace: apiEndpoints.namespace,
      fieldSelector: `metadata.name=${apiEndpoints.name}`,
      log,
      onChange: () => {
        const found = apiServerAddresses(endpoints.get(apiEndpoints.name, apiEndpoints.namespace));
        // An empty list would cut off every worker that reads it.
        if (found.length === 0 || found.join() === apiServers.join()) return;
        apiServers = found;
        onChange();
      },
    });
    return endpoints;
  };

  const publishing = task({
    name: "worker-config",
    dependsOn: [kubeApiserverDeclaration, ...(options.after ?? [])],
    parts: async () => {
      const client = await options.client();
      const elector = createLeaderElector({
        client: options.leaseClient,
        name: stackName,
        holder: options.holder,
        log,
      });
      const stack = createCodeStack(whileLeading(client, elector), stackName, log);
      const loop = createLoop({
        name: "the workers' configuration",
        log,
        backoff,
        everyMs: options.resyncMs ?? 60_000,
        round: (limit) => apply(stack, limit),
      });
      elector.onChange((value) => {
        leading = value;
        if (value) loop.ring();
      });
      const endpoints = apiServersInformer(client, () => loop.ring());
      return [elector, endpoints, loop];
    },
    async reconcile(next) {
      config = next;
      publishing.ring();
    },
  });
  return publishing;
}

/** `host:port` of every `https` port. */
function apiServerAddresses(endpoints: Endpoints | undefined): string[] {
  return (endpoints?.subsets ?? [])
    .flatMap(({ addresses, ports }) =>
      (ports ?? [])
        .filter(({ name }) => name === "https")
        .flatMap(({ port }) => (addresses ?? []).map(({ ip }) => joinHostPort(ip, port))),
    )
    .sort();
}
