// Keeps the workers' ConfigMaps: applied when the configuration or the API servers change, by the holder of the lease of
// this minor version. Upstream: pkg/component/controller/workerconfig/reconciler.go; reference §8.9.

import type { ClusterConfig } from "../config/cluster-config.ts";
import { createStack } from "../deployer/stack.ts";
import type { KubeClient } from "../kube/client.ts";
import { createInformer } from "../kube/informer.ts";
import { createLeaderElector } from "../kube/lease.ts";
import { workerConfig, workerConfigStack } from "../manifests/worker-config.ts";
import { errorMessage } from "../std/errors.ts";
import { joinHostPort } from "../std/ip.ts";
import type { Logger } from "../std/log.ts";
import { sleep } from "../std/wait.ts";
import type { Component } from "../supervisor/component.ts";
import type { Endpoints } from "./endpoint-reconciler.ts";

export interface WorkerConfigOptions {
  readonly config: ClusterConfig;
  readonly client: () => Promise<KubeClient>;
  readonly log: Logger;
  readonly k0sVersion: string;
  /** Tells this controller from others in the lease. */
  readonly identity: string;
  readonly nodeName: string;
  readonly konnectivity: boolean;
  readonly autopilot: boolean;
}

const retryMs = { first: 200, longest: 60_000 };

export function workerConfigReconciler(options: WorkerConfigOptions): Component {
  const { k0sVersion } = options;
  const stackName = workerConfigStack(k0sVersion);
  const log = options.log.with({ component: "worker-config" });
  const stopping = new AbortController();
  let config = options.config;
  let apiServers: readonly string[] = [];
  let leading = false;
  let changed = Promise.withResolvers<void>();
  let tasks: Promise<unknown> = Promise.resolve();

  const wake = (): void => {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  };

  /** Applies after each change; what failed is tried again, however long it takes. */
  const applyLoop = async (client: KubeClient, signal: AbortSignal): Promise<void> => {
    const stack = createStack({ client, name: stackName, log });
    let failures = 0;
    while (!signal.aborted) {
      const next = changed.promise;
      let waitMs = 3_600_000;
      if (leading && apiServers.length > 0) {
        try {
          await stack.converge({
            desired: workerConfig({ ...options, config, apiServers }),
            depth: "verify",
            signal,
          });
          failures = 0;
        } catch (err) {
          waitMs = Math.min(retryMs.first * 2 ** failures++, retryMs.longest);
          if (!signal.aborted)
            log.warn("Cannot apply the workers' configuration, trying again", { err: errorMessage(err) });
        }
      }
      const pause = new AbortController();
      await Promise.race([
        next,
        sleep(waitMs, AbortSignal.any([signal, pause.signal])).catch(() => undefined),
      ]);
      pause.abort();
    }
  };

  const followApiServers = async (client: KubeClient, signal: AbortSignal): Promise<void> => {
    const endpoints = createInformer<Endpoints>({
      client,
      kind: { apiVersion: "v1", kind: "Endpoints" },
      namespace: "default",
      fieldSelector: "metadata.name=kubernetes",
      log,
      onChange: () => {
        const found = apiServerAddresses(endpoints.get("kubernetes", "default"));
        // An empty list would cut off every worker that reads it.
        if (found.length === 0 || found.join() === apiServers.join()) return;
        apiServers = found;
        wake();
      },
    });
    await endpoints.run(signal);
  };

  return {
    name: "worker-config",
    dependsOn: ["kube-apiserver"],
    async start() {
      const client = await options.client();
      const elector = createLeaderElector({
        client,
        name: stackName,
        identity: options.identity,
        host: options.nodeName,
        log,
      });
      elector.onChange((value) => {
        leading = value;
        if (value) wake();
      });
      const { signal } = stopping;
      tasks = Promise.allSettled([
        elector.run(signal),
        followApiServers(client, signal),
        applyLoop(client, signal),
      ]);
    },
    async reconcile(next) {
      config = next;
      wake();
    },
    async stop() {
      stopping.abort();
      await tasks;
    },
  };
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
