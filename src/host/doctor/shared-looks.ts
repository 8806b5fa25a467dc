// What several links look at, each looked at once: the host's files, the API server, the objects of the cluster.

import type { ObservedHost } from "../../status/observers/host.ts";
import type { ApiAnswer } from "./api-answer.ts";
import type { ClusterView } from "./cluster-view.ts";

export interface SharedLooks {
  host(): Promise<ObservedHost>;
  api(): Promise<ApiAnswer>;
  /** Undefined where the API server does not answer. */
  cluster(): Promise<ClusterView | undefined>;
}

export interface Looks {
  readonly host: () => Promise<ObservedHost>;
  readonly api: () => Promise<ApiAnswer>;
  readonly cluster: (api: ApiAnswer) => Promise<ClusterView | undefined>;
}

export function sharedLooks(looks: Looks): SharedLooks {
  const api = once(looks.api);
  return {
    host: once(looks.host),
    api,
    cluster: once(async () => looks.cluster(await api())),
  };
}

function once<T>(look: () => Promise<T>): () => Promise<T> {
  let looked: Promise<T> | undefined;
  return () => (looked ??= look());
}
