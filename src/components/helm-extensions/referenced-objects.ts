// Follows the ConfigMaps and Secrets that Charts refer to, by their metadata alone: which of them has changed since.

import type { KubeClient } from "../../kube/client.ts";
import { createInformer, type Informer } from "../../kube/informer.ts";
import { configMapKind } from "../../kube/objects/config-map.ts";
import { secretKind } from "../../kube/objects/secret.ts";
import type { GroupVersionKind, KubeResource } from "../../kube/types.ts";
import type { Logger } from "../../std/log.ts";
import { untilAborted } from "../../std/wait.ts";
import type { WatchHealth } from "../../supervisor/leader-task.ts";
import { type Chart, chartNamespace } from "./chart.ts";

export interface ReferencedObjects {
  run(signal: AbortSignal): Promise<void>;
  /** Another text when something has changed that the Chart refers to; empty when it refers to nothing. */
  mark(chart: Chart): string;
}

interface Reference {
  readonly kind: string;
  readonly name: string;
}

const kinds = [configMapKind, secretKind];

/** Nothing is followed before the first Chart that refers to something. */
export function referencedObjects(options: {
  readonly client: KubeClient;
  readonly log: Logger;
  readonly watch: WatchHealth;
  readonly onChange: () => void;
}): ReferencedObjects {
  const { watch } = options;
  const needed = Promise.withResolvers<void>();
  const informers = new Map<string, Informer<KubeResource>>();
  return {
    async run(signal) {
      await Promise.race([needed.promise, untilAborted(signal)]);
      if (signal.aborted) return;
      for (const kind of kinds) informers.set(kind.kind, informerOf(kind, options));
      for (const one of informers.values()) watch(one);
      await Promise.all([...informers.values()].map((one) => one.run(signal)));
    },
    mark(chart) {
      const references = referencesOf(chart);
      if (references.length > 0) needed.resolve();
      return references.map(({ kind, name }) => markOf(informers.get(kind), name)).join();
    },
  };
}

function informerOf(
  kind: GroupVersionKind,
  { client, log, onChange }: { client: KubeClient; log: Logger; onChange: () => void },
): Informer<KubeResource> {
  return createInformer<KubeResource>({
    client,
    kind,
    namespace: chartNamespace,
    metadataOnly: true,
    keep: ({ metadata: { name, namespace, uid, resourceVersion } }) =>
      ({ metadata: { name, namespace, uid, resourceVersion } }) as KubeResource,
    log,
    onChange,
  });
}

function markOf(informer: Informer<KubeResource> | undefined, name: string): string {
  const { uid, resourceVersion } = informer?.get(name, chartNamespace)?.metadata ?? {};
  return uid === undefined ? "none" : `${uid} ${resourceVersion}`;
}

function referencesOf({ spec = {} }: Chart): readonly Reference[] {
  const secret = spec.repository?.configFrom?.secretRef;
  const own = secret !== undefined && (secret.namespace ?? chartNamespace) === chartNamespace;
  return [...(spec.valuesFrom ?? []), ...(own ? [{ kind: secretKind.kind, name: secret.name }] : [])];
}
