// The cloud provider that comes with k0s, for hosts without a cloud: it initializes nodes whose kubelets wait for a provider,
// and gives them the addresses that a person has noted on them. It is a part of k0s, where upstream links Kubernetes'
// cloud-controller-manager; docs/adr/0067-k0s-cloud-provider.md. Upstream: pkg/component/controller/k0scloudprovider.go.

import type { KubeClient } from "../../kube/client.ts";
import { isConflict, isNotFoundError } from "../../kube/errors.ts";
import { writeEvent } from "../../kube/objects/event.ts";
import { createInformer } from "../../kube/informer.ts";
import { alwaysLeader, createLeaderElector } from "../../kube/lease.ts";
import { type Node, nodeKind, waitsForCloudProvider } from "../../kube/objects/node.ts";
import type { Logger } from "../../std/log.ts";
import { createLoop } from "../../std/loop.ts";
import type { Component } from "../../supervisor/component.ts";
import { leaderTask, type WatchHealth } from "../../supervisor/leader-task.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";
import type { ControllerNode } from "../node-facts.ts";
import type { K0sCloudProviderOptions } from "../node-options.ts";
import { k0sCloudProviderDeclaration } from "./declaration.ts";
import { healthEndpoint } from "./health-endpoint.ts";
import {
  addressChange,
  externalAddressAnnotation,
  initialization,
  lookedAt,
  sharedAddresses,
} from "./node-changes.ts";

/** Upstream's. Not that of k0s' leader: the flag may be given on some of the controllers only. */
const lease = { name: "cloud-controller-manager", namespace: "kube-system" };

type ProviderNode = Pick<ControllerNode, "alone" | "client" | "leaseClient" | "holder" | "log">;

export function k0sCloudProvider(node: ProviderNode, options: K0sCloudProviderOptions): Component {
  const { name } = k0sCloudProviderDeclaration;
  const { client, leaseClient, holder, log } = node;
  const leader = node.alone
    ? alwaysLeader()
    : createLeaderElector({ ...lease, client: leaseClient, holder, log: log.with({ component: name }) });
  const election = node.alone ? [] : [leader];
  const component: Component = leaderTask({
    name,
    dependsOn: [kubeApiserverDeclaration],
    client,
    leader,
    log,
    beside: async () => [
      ...election,
      await healthEndpoint({ port: options.port, health: async (signal) => component.health?.(signal) }),
    ],
    run: (whileLeading, signal, ownLog, watch) =>
      provide({ client: whileLeading, log: ownLog, watch, updateEveryMs: options.updateEveryMs }, signal),
  });
  return component;
}

export interface ProviderContext {
  readonly client: Pick<KubeClient, "list" | "watch" | "patch" | "create">;
  readonly log: Logger;
  readonly watch: WatchHealth;
  readonly updateEveryMs: number;
}

/** A Node that has changed in the meantime is looked at again this soon. */
const afterConflictMs = 1_000;

/** Initializes nodes as soon as they are there, and looks at the addresses of all others from time to time. */
export async function provide(context: ProviderContext, signal: AbortSignal): Promise<void> {
  const { client, log, watch, updateEveryMs } = context;
  const warnOfShared = sharedWarnings(context);
  const newcomers = createLoop({
    name: "initialization of nodes",
    log,
    round: (during) =>
      each(nodes.items().filter(waitsForCloudProvider), async (node) => {
        const initialized = await change({ client, node, patch: initialization(node), signal: during });
        // A Node that has changed has rung already.
        if (initialized === undefined) return;
        log.info("Initialized a node", { node: node.metadata.name });
        await giveAddresses(context, lookedAt(initialized), during);
      }),
  });
  const addresses = createLoop({
    name: "addresses of nodes",
    log,
    everyMs: updateEveryMs,
    round: async (during) => {
      let missed = false;
      await warnOfShared(nodes.items());
      const settled = nodes.items().filter((node) => !waitsForCloudProvider(node));
      await each(settled, async (node) => {
        if (!(await giveAddresses(context, node, during))) missed = true;
      });
      return missed ? afterConflictMs : updateEveryMs;
    },
  });
  const nodes = createInformer<Node>({
    client,
    kind: nodeKind,
    keep: lookedAt,
    log,
    onChange: ({ reason, object }) => {
      if (reason === "listed") addresses.ring();
      if (object === undefined || waitsForCloudProvider(object)) newcomers.ring();
    },
  });
  for (const part of [nodes, newcomers, addresses]) watch(part);
  await Promise.all([nodes.run(signal), newcomers.run(signal), addresses.run(signal)]);
}

/** Each of the nodes tells of an address that it has with others, once while it is so. */
function sharedWarnings({ client, log }: ProviderContext): (nodes: readonly Node[]) => Promise<void> {
  let told: ReadonlySet<string> = new Set();
  return async (nodes) => {
    const shared = [...sharedAddresses(nodes)].map(([address, names]) => ({ address, names }));
    const keyOf = (one: (typeof shared)[number]): string => `${one.address} ${one.names.join()}`;
    for (const one of shared.filter((each) => !told.has(keyOf(each)))) {
      const { address, names } = one;
      log.warn("Nodes are given one external address", { address, nodes: names.join(", ") });
      for (const name of names)
        await writeEvent(
          { client: async () => client, log },
          {
            metadata: { namespace: "default", generateName: `${name}.` },
            involvedObject: { ...nodeKind, name, uid: name },
            type: "Warning",
            reason: "SharedExternalAddress",
            message: `${address} is the external address of several nodes: ${names.join(", ")}; see the annotation ${externalAddressAnnotation}`,
            source: { component: k0sCloudProviderDeclaration.name },
          },
        );
    }
    told = new Set(shared.map(keyOf));
  };
}

/** False if the Node has changed meanwhile. */
async function giveAddresses(
  { client, log }: ProviderContext,
  node: Node,
  signal: AbortSignal,
): Promise<boolean> {
  const patch = addressChange(node);
  if (patch === undefined) return true;
  const changed = await change({ client, node, patch, subresource: "status", signal });
  if (changed === undefined) return false;
  const given = (changed.status?.addresses ?? []).map(({ type, address }) => `${type} ${address}`);
  log.info("Changed the addresses of a node", { node: node.metadata.name, addresses: given.join(", ") });
  return true;
}

interface Change {
  readonly client: Pick<KubeClient, "patch">;
  readonly node: Node;
  readonly patch: object;
  readonly subresource?: string;
  readonly signal: AbortSignal;
}

/** Undefined if the Node is not any more what the patch was made of. */
async function change({ client, node, patch, ...options }: Change): Promise<Node | undefined> {
  try {
    return await client.patch<Node>({ ...nodeKind, name: node.metadata.name ?? "" }, "merge", patch, options);
  } catch (err) {
    if (isConflict(err) || isNotFoundError(err)) return undefined;
    throw err;
  }
}

/** One that fails does not hold up the others. */
async function each(nodes: readonly Node[], work: (node: Node) => Promise<void>): Promise<void> {
  const errors: unknown[] = [];
  for (const node of nodes) await work(node).catch((err: unknown) => errors.push(err));
  if (errors.length > 0) throw errors[0];
}
