// Which kinds the server knows, and under which paths: aggregated discovery (two requests), cached and refreshed on demand.

import { builtinResource } from "./builtin-resources.ts";
import { KubeError } from "./errors.ts";
import type { Transport } from "./transport.ts";
import type { ApiResource, GroupVersionKind } from "./types.ts";

export interface Discovery {
  /** The resource of a kind: built-in table, then cache, then the server. Throws KubeError with reason `NoKindMatch`. */
  resolve(gvk: GroupVersionKind, signal?: AbortSignal): Promise<ApiResource>;
  /** Everything the server serves, each kind once per group in the group's preferred version. */
  all(options?: { refresh?: boolean; signal?: AbortSignal | undefined }): Promise<readonly ApiResource[]>;
  /** Adds kinds whose definitions were just applied: the server lists them only some time after it serves them. */
  learn(resources: readonly ApiResource[]): void;
}

const aggregatedAccept =
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";

/** An unknown kind asks the server again, but not more often than this. */
const refreshIntervalMs = 1_000;

interface Catalogue {
  readonly byKind: ReadonlyMap<string, ApiResource>;
  readonly preferred: readonly ApiResource[];
  readonly takenAt: number;
}

export function createDiscovery(
  transport: Transport,
  now: () => number = () => performance.now(),
): Discovery {
  let cached: Catalogue | undefined;
  let loading: Promise<Catalogue> | undefined;
  const learned = new Map<string, ApiResource>();

  const load = async (): Promise<Catalogue> => {
    loading ??= fetchCatalogue(transport, now).finally(() => {
      loading = undefined;
    });
    cached = await loading;
    return cached;
  };

  return {
    async resolve(gvk, signal) {
      const known = builtinResource(gvk) ?? cached?.byKind.get(kindKey(gvk)) ?? learned.get(kindKey(gvk));
      if (known !== undefined) return known;
      signal?.throwIfAborted();
      const fresh =
        cached !== undefined && now() - cached.takenAt < refreshIntervalMs ? cached : await load();
      const found = fresh.byKind.get(kindKey(gvk));
      if (found !== undefined) return found;
      throw new KubeError({
        status: 404,
        reason: "NoKindMatch",
        message: `the API server knows no kind ${gvk.kind} in ${gvk.apiVersion}`,
      });
    },
    async all(options) {
      options?.signal?.throwIfAborted();
      const catalogue = cached === undefined || options?.refresh === true ? await load() : cached;
      return catalogue.preferred;
    },
    learn(resources) {
      for (const resource of resources) learned.set(kindKey(resource), resource);
    },
  };
}

interface DiscoveryResource {
  resource: string;
  responseKind?: { kind?: string };
  scope: string;
  verbs?: string[];
}

interface DiscoveryList {
  items?: {
    metadata?: { name?: string };
    versions?: { version: string; resources?: DiscoveryResource[] }[];
  }[];
}

async function fetchCatalogue(transport: Transport, now: () => number): Promise<Catalogue> {
  const lists = await Promise.all(
    ["/api", "/apis"].map(
      async (path) => (await transport.sendJson({ path, accept: aggregatedAccept })) as DiscoveryList,
    ),
  );
  const byKind = new Map<string, ApiResource>();
  const preferred: ApiResource[] = [];
  for (const item of lists.flatMap((list) => list.items ?? [])) {
    const group = item.metadata?.name ?? "";
    const seen = new Set<string>();
    // Versions come in order of preference: the first that has a kind is the one to use.
    for (const { version, resources } of item.versions ?? []) {
      for (const entry of resources ?? []) {
        const resource = toResource(group, version, entry);
        byKind.set(kindKey(resource), resource);
        if (seen.has(resource.plural)) continue;
        seen.add(resource.plural);
        preferred.push(resource);
      }
    }
  }
  return { byKind, preferred, takenAt: now() };
}

function toResource(group: string, version: string, entry: DiscoveryResource): ApiResource {
  return {
    apiVersion: group === "" ? version : `${group}/${version}`,
    group,
    version,
    kind: entry.responseKind?.kind ?? entry.resource,
    plural: entry.resource,
    namespaced: entry.scope === "Namespaced",
    verbs: entry.verbs ?? [],
  };
}

function kindKey(gvk: GroupVersionKind): string {
  return `${gvk.apiVersion} ${gvk.kind}`;
}
