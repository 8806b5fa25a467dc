// Every controller holds a lease while it runs: who counts them counts controllers. The address of its API server is written
// on it, so that others and kubeconfigs know where to go. Upstream: pkg/component/controller/controllersleasecounter.go; reference §12.4.

import type { KubeClient } from "../kube/client.ts";
import { createLeaderElector, isLeaseValid, type Lease } from "../kube/lease.ts";
import type { ControllerContext } from "../pki/kubeconfig.ts";
import type { Logger } from "../std/log.ts";
import type { Component } from "../supervisor/component.ts";

export const controllerLeaseNamespace = "kube-node-lease";
const prefix = "k0s-ctrl-";
/** On the leases that have an address: to find them among those of the nodes. */
const kindLabel = "k0s.k0sproject.io/kind";
const controllerKind = "controller";
const addressAnnotation = "k0s.k0sproject.io/api-address";

export interface ControllerLeaseOptions {
  readonly client: () => Promise<KubeClient>;
  readonly nodeName: string;
  readonly identity: string;
  /** `host:port` of this controller's API server. */
  readonly apiAddress: string;
  readonly log: Logger;
}

export function controllerLeaseName(nodeName: string): string {
  return prefix + nodeName;
}

export function controllerLease(options: ControllerLeaseOptions): Component {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  return {
    name: "controller-lease",
    dependsOn: ["kube-apiserver"],
    async start() {
      const elector = createLeaderElector({
        client: await options.client(),
        name: controllerLeaseName(options.nodeName),
        namespace: controllerLeaseNamespace,
        identity: options.identity,
        host: options.nodeName,
        labels: { [kindLabel]: controllerKind },
        annotations: { [addressAnnotation]: options.apiAddress },
        log: options.log.with({ component: "controller-lease" }),
      });
      running = elector.run(stopping.signal);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

export interface ActiveController {
  readonly name: string;
  /** The InvocationID of its k0s. */
  readonly identity: string;
  /** `host:port`; empty if it is of upstream's make. */
  readonly apiAddress: string;
}

/** Those whose lease is valid now, by name. */
export async function activeControllers(
  client: KubeClient,
  signal?: AbortSignal,
  options: { readonly labelSelector?: string } = {},
): Promise<ActiveController[]> {
  const now = Date.now();
  const { items } = await client.list<Lease>(
    { apiVersion: "coordination.k8s.io/v1", kind: "Lease" },
    { namespace: controllerLeaseNamespace, signal, ...options },
  );
  return items
    .filter((lease) => lease.metadata.name?.startsWith(prefix) === true && isLeaseValid(lease, now))
    .map(({ metadata, spec }) => ({
      name: (metadata.name ?? "").slice(prefix.length),
      identity: spec?.holderIdentity ?? "",
      apiAddress: metadata.annotations?.[addressAnnotation] ?? "",
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A context for each controller, for kubeconfigs; none where there is only one. */
export async function controllerContexts(
  client: KubeClient,
  signal: AbortSignal,
): Promise<readonly ControllerContext[]> {
  const labelSelector = `${kindLabel}=${controllerKind}`;
  const found = await activeControllers(client, signal, { labelSelector });
  if (found.length < 2) return [];
  return found.map(({ name, apiAddress }) => ({
    name: `controller-${name}`,
    server: `https://${apiAddress}`,
  }));
}
