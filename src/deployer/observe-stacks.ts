// Finds the objects of stacks in the cluster by their label: metadata only, in pages, one list a kind, however many stacks
// there are. Listing all stacks costs the server no more than listing one.

import type { KubeClient } from "../kube/client.ts";
import { isNotFoundError, KubeError } from "../kube/errors.ts";
import { groupOf } from "../kube/types.ts";
import type { ApiResource, GroupVersionKind } from "../kube/types.ts";
import type { Budget } from "../std/budget.ts";
import { observedObject } from "./observed-object.ts";
import type { ObservedObject } from "./observed-object.ts";
import { stackLabel } from "./stack-labels.ts";

export interface ObserveOptions {
  readonly client: KubeClient;
  readonly kinds: readonly (GroupVersionKind | ApiResource)[];
  /** Left out: all stacks. */
  readonly stack?: string;
  readonly budget: Budget;
  readonly signal: AbortSignal;
  /** Another way to get the objects of a kind, with its own share of the budget: stack-lists.ts. */
  readonly list?: ListKind | undefined;
}

type ListOptions = Pick<ObserveOptions, "stack" | "signal"> & { readonly client: Pick<KubeClient, "list"> };

export type ListKind = (kind: GroupVersionKind | ApiResource) => Promise<readonly ObservedObject[]>;

export interface Observation {
  readonly objects: readonly ObservedObject[];
  /** Kinds (`kindKey`) that could not be looked at: their own API server is away. */
  readonly unseen: ReadonlySet<string>;
}

/** Kinds that the server does not know (yet) have no objects. */
export async function observeStacks(options: ObserveOptions): Promise<Observation> {
  const { budget, kinds } = options;
  const list = options.list ?? ((kind) => budget.run(() => listStacks(options, kind)));
  const unseen = new Set<string>();
  const lists = await Promise.all(
    uniqueKinds(kinds).map(async (kind) => {
      try {
        return await list(kind);
      } catch (err) {
        if (isNotFoundError(err)) return [];
        if (!isUnavailable(err)) throw err;
        unseen.add(kindKey(kind));
        return [];
      }
    }),
  );
  return { objects: lists.flat(), unseen };
}

export function kindKey({ apiVersion, kind }: GroupVersionKind): string {
  return `${groupOf(apiVersion)}|${kind}`;
}

/** Where versions are told apart: what a list holds names its version. */
export function versionKey({ apiVersion, kind }: GroupVersionKind): string {
  return `${apiVersion}|${kind}`;
}

/** Each kind once, in the version that comes last. */
export function uniqueKinds<T extends GroupVersionKind>(kinds: readonly T[]): T[] {
  return [...new Map(kinds.map((kind) => [kindKey(kind), kind])).values()];
}

/** Every kind that pruning looks at: all that can be listed and deleted, without those that controllers derive. */
export async function prunableKinds(client: KubeClient, signal: AbortSignal): Promise<ApiResource[]> {
  const all = await client.discover(signal);
  return all.filter(
    ({ plural, verbs, kind, group }) =>
      !plural.includes("/") &&
      verbs.includes("list") &&
      verbs.includes("delete") &&
      kind !== "Endpoints" &&
      kind !== "EndpointSlice" &&
      kind !== "Event" &&
      // Aggregated APIs serve no stored objects, and may be away.
      group !== "metrics.k8s.io",
  );
}

/** Without `stack` those of all stacks. */
export async function listStacks(
  options: ListOptions,
  kind: GroupVersionKind | ApiResource,
): Promise<readonly ObservedObject[]> {
  return (await listAtVersion(options, kind)).objects;
}

/** As `listStacks`, and from where a watch goes on. */
export async function listAtVersion(
  { client, stack, signal }: ListOptions,
  kind: GroupVersionKind | ApiResource,
): Promise<{ readonly objects: readonly ObservedObject[]; readonly resourceVersion: string }> {
  const labelSelector = stack === undefined ? stackLabel : `${stackLabel}=${stack}`;
  const { items, resourceVersion } = await client.list(kind, { labelSelector, metadataOnly: true, signal });
  return { objects: items.map((item) => observedObject(item)), resourceVersion };
}

function isUnavailable(err: unknown): boolean {
  return err instanceof KubeError && err.status === 503;
}
