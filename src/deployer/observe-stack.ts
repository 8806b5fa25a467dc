// Finds the objects of a stack in the cluster by its label: metadata only, one list a kind.

import type { KubeClient } from "../kube/client.ts";
import { isNotFoundError, KubeError } from "../kube/errors.ts";
import { groupOf } from "../kube/types.ts";
import type { ApiResource, GroupVersionKind, KubeResource } from "../kube/types.ts";
import { stackLabel } from "./stack-labels.ts";

export interface ObserveOptions {
  readonly client: KubeClient;
  readonly stack: string;
  readonly kinds: readonly (GroupVersionKind | ApiResource)[];
  readonly signal: AbortSignal;
}

/** Kinds that the server does not know yet, or whose own API server is away, count as having no objects. */
export async function observeStack(options: ObserveOptions): Promise<KubeResource[]> {
  const { client, stack, kinds, signal } = options;
  const lists = await Promise.all(
    uniqueKinds(kinds).map(async (kind) => {
      try {
        const list = await client.list(kind, {
          labelSelector: `${stackLabel}=${stack}`,
          metadataOnly: true,
          signal,
        });
        return list.items;
      } catch (err) {
        if (isNotFoundError(err) || isUnavailable(err)) return [];
        throw err;
      }
    }),
  );
  return lists.flat();
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

function isUnavailable(err: unknown): boolean {
  return err instanceof KubeError && err.status === 503;
}

function uniqueKinds<T extends GroupVersionKind>(kinds: readonly T[]): T[] {
  return [...new Map(kinds.map((kind) => [`${groupOf(kind.apiVersion)}|${kind.kind}`, kind])).values()];
}
