// Every controller holds a lease while it runs: counting leases counts controllers. The address of its API server is
// written on it, so that others and kubeconfigs know where to go. Upstream:
// pkg/component/controller/leasecounter/component.go.

import type { KubeClient } from "../../kube/client.ts";
import { createLeaderElector } from "../../kube/lease.ts";
import { isAlive, type LeaseObserver } from "../../kube/lease-observer.ts";
import { type Lease, leaseKind } from "../../kube/objects/lease.ts";
import type { ControllerContext } from "../../kube/kubeconfig.ts";
import { joinHostPort, withoutBrackets } from "../../std/ip.ts";
import type { Component } from "../../supervisor/component.ts";
import type { ControllerNode } from "../node-facts.ts";
import { task } from "../../supervisor/task.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";

export const controllerLeaseNamespace = "kube-node-lease";
const prefix = "k0s-ctrl-";
/** On the leases that have an address: to find them among those of the nodes. */
const kindLabel = "k0s.k0sproject.io/kind";
const controllerKind = "controller";
const addressAnnotation = "k0s.k0sproject.io/api-address";

export function controllerLeaseName(nodeName: string): string {
  return prefix + nodeName;
}

/** A lease that an earlier run has left runs out before that. */
const strangeAfterMs = 120_000;

export function controllerLease({ config, name, leaseClient, holder, log }: ControllerNode): Component {
  const { address, port } = config.spec.api;
  const elector = createLeaderElector({
    client: leaseClient,
    name: controllerLeaseName(name),
    namespace: controllerLeaseNamespace,
    holder,
    labels: { [kindLabel]: controllerKind },
    annotations: { [addressAnnotation]: joinHostPort(address, port) },
    log: log.with({ component: "controller-lease" }),
  });
  let withoutSince = performance.now();
  return task({
    name: "controller-lease",
    dependsOn: [kubeApiserverDeclaration],
    parts: async () => {
      elector.onChange(() => (withoutSince = performance.now()));
      return [elector];
    },
    health: () => {
      if (elector.isLeader || performance.now() - withoutSince < strangeAfterMs) return;
      throw new Error(
        `another controller holds the lease of ${name}: two machines of one name use this datastore`,
      );
    },
  });
}

export interface ActiveController {
  readonly name: string;
  /** The InvocationID of its k0s. */
  readonly identity: string;
  /** `host:port`; empty if upstream's k0s holds it. */
  readonly apiAddress: string;
}

export interface ActiveOptions {
  readonly observer: LeaseObserver;
  readonly signal?: AbortSignal;
  /** Names of leases to look at beside those that carry our label: upstream's k0s does not label its own. */
  readonly others?: readonly string[];
}

/** Those whose lease is alive, by name. The namespace also has the lease of every node, so it is never listed whole. */
export async function activeControllers(
  client: Pick<KubeClient, "find" | "list">,
  { observer, signal, others = [] }: ActiveOptions,
): Promise<ActiveController[]> {
  const items = await labelledLeases(client, signal);
  const missing = new Set(others).difference(new Set(items.map(({ metadata }) => metadata.name ?? "")));
  const namespace = controllerLeaseNamespace;
  const further = await Promise.all(
    [...missing].map((name) => client.find<Lease>({ ...leaseKind, namespace, name }, { signal })),
  );
  return [...items, ...further.filter((lease) => lease !== undefined).filter(isControllers)]
    .filter((lease) => isAlive(lease, observer.ageMs(lease)))
    .map(({ metadata, spec }) => ({
      name: (metadata.name ?? "").slice(prefix.length),
      identity: spec?.holderIdentity ?? "",
      apiAddress: metadata.annotations?.[addressAnnotation] ?? "",
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Those of controllers, by label and by name: a kubelet may write what it likes, but on the lease of its own name only. */
async function labelledLeases(
  client: Pick<KubeClient, "list">,
  signal: AbortSignal | undefined,
): Promise<readonly Lease[]> {
  const labelSelector = `${kindLabel}=${controllerKind}`;
  const leases = { namespace: controllerLeaseNamespace, labelSelector, signal };
  return (await client.list<Lease>(leaseKind, leases)).items.filter(isControllers);
}

function isControllers({ metadata }: Lease): boolean {
  return metadata.name?.startsWith(prefix) === true;
}

/**
 * Of every controller that has held a lease, also of those that are down: `10.0.0.1`, without those that have noted none.
 */
export async function knownControllerAddresses(
  client: Pick<KubeClient, "list">,
  signal: AbortSignal,
): Promise<readonly string[]> {
  return (await labelledLeases(client, signal))
    .map(({ metadata }) => `tcp://${metadata.annotations?.[addressAnnotation] ?? ""}`)
    .flatMap((url) => withoutBrackets(URL.parse(url)?.hostname ?? "") || []);
}

/** Names of all controllers that have held a lease, also of those that are down. */
export async function knownControllers(
  client: Pick<KubeClient, "list">,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  return (await labelledLeases(client, signal)).map(({ metadata }) =>
    (metadata.name ?? "").slice(prefix.length),
  );
}

/** A context for each controller, for kubeconfigs; none where there is only one. */
export async function controllerContexts(
  client: KubeClient,
  options: ActiveOptions,
): Promise<readonly ControllerContext[]> {
  const found = await activeControllers(client, options);
  if (found.length < 2) return [];
  return found.map(({ name, apiAddress }) => ({
    name: `controller-${name}`,
    server: `https://${apiAddress}`,
  }));
}
