// Follows what tells whether a node's cluster works, by watches on few objects: its own Node, the system pods on it and
// those on no node yet, and the workloads that k0s deploys. Only the container runtime of this
// host is polled. ADR 0048.

import type { RuntimeAccess } from "../../components/containerd/runtime-access.ts";
import type { KubeClient, SelectOptions } from "../../kube/client.ts";
import { createInformer, type Informer } from "../../kube/informer.ts";
import type { GroupVersionKind, KubeResource } from "../../kube/types.ts";
import type { Logger } from "../../std/log.ts";
import { createLoop } from "../../std/loop.ts";
import { type ClusterFacts, readinessOf } from "../health/cluster-readiness.ts";
import { isReportedSince, lastReport } from "../health/node.ts";
import { type Node, nodeKind } from "../../kube/objects/node.ts";
import { type Pod, podKind } from "../../kube/objects/pod.ts";
import type { Workload } from "../../kube/objects/workload.ts";
import { systemNamespace, workloadOf } from "../health/system-workloads.ts";
import { NoCredentialsYet } from "./api.ts";
import { runtimeWatch } from "./runtime-watch.ts";

export interface ClusterWatchOptions {
  /** Rejects with NoCredentialsYet while this node has none. */
  readonly client: () => Promise<Pick<KubeClient, "list" | "watch">>;
  readonly log: Logger;
  /** When this k0s started, by this host's clock: what was reported before does not count. */
  readonly startedAt: Date;
  /** The node of this host; absent where no pods run. */
  readonly node?: {
    readonly name: string;
    readonly runtime: RuntimeAccess;
  };
  /** Names of the workloads that this cluster has to have; absent where the credentials do not show them. */
  readonly expected?: readonly string[];
  /** Called when the facts may have changed. */
  readonly onChange?: () => void;
  /** Milliseconds of a clock that does not jump. */
  readonly now?: () => number;
}

export interface ClusterWatch {
  run(signal: AbortSignal): Promise<void>;
  /** Undefined until every list has been read once. */
  facts(): ClusterFacts | undefined;
  /** Pods of all namespaces on this host whose sandbox is up; undefined while the runtime does not answer. */
  pods(): number | undefined;
  /** Of the container runtime, for a person. */
  runtimeDetails(): Readonly<Record<string, string>>;
  /** Begins again with a new client: the way to the API server is another one now. */
  reconnect(): void;
  health(): void;
}

const workloadKinds = ["Deployment", "DaemonSet"].map((kind) => ({ apiVersion: "apps/v1", kind }));

interface Followed {
  readonly node: Informer<Node> | undefined;
  readonly pods: readonly Informer<Pod>[];
  readonly workloads: readonly Informer<Workload>[];
}

export function clusterWatch(options: ClusterWatchOptions): ClusterWatch {
  const { log, node, expected, startedAt } = options;
  const reports = reportTracker(startedAt);
  const runtime =
    node === undefined
      ? undefined
      : runtimeWatch({
          runtime: node.runtime,
          log,
          well: () => isWell(facts()),
          ...(options.onChange === undefined ? {} : { onLook: options.onChange }),
        });
  let followed: Followed | undefined;
  /** Those at work now, whether or not they have read anything yet. */
  let current: readonly { health(): void }[] = [];
  let again = new AbortController();

  const follow = async (signal: AbortSignal, well: () => void): Promise<void> => {
    again = new AbortController();
    current = [];
    const until = AbortSignal.any([signal, again.signal]);
    const next = informers(await options.client(), options, (seen) => reports.see(seen));
    const all = [next.node, ...next.pods, ...next.workloads].filter((one) => one !== undefined);
    current = all;
    const running = Promise.all(all.map((one) => one.run(until)));
    await Promise.race([running, Promise.all(all.map((one) => one.synced(until).catch(() => undefined)))]);
    if (!until.aborted) {
      followed = next;
      options.onChange?.();
      well();
    }
    await running;
  };
  const loop = createLoop({
    name: "watch of the cluster",
    log,
    round: async (signal, well) => {
      await follow(signal, well);
      return 0;
    },
    quietFailures: 20,
    // The join says what it waits for, however long that takes.
    isQuiet: (err) => err instanceof NoCredentialsYet,
    ...(options.now === undefined ? {} : { now: options.now }),
    backoff: { firstMs: 250, longestMs: 2_000 },
  });

  const facts = (): ClusterFacts | undefined => {
    if (followed === undefined) return undefined;
    const { node: nodes, pods, workloads } = followed;
    const object = node === undefined ? undefined : nodes?.get(node.name);
    return {
      ...(node === undefined
        ? {}
        : {
            node: {
              name: node.name,
              object,
              reported: reports.isFresh(object),
              wasThere: reports.wasThere(),
            },
          }),
      pods: distinct(pods.flatMap((one) => one.items())).filter((pod) => workloadOf(pod) !== undefined),
      ...(expected === undefined ? {} : { workloads: workloads.flatMap((one) => one.items()) }),
      expected: expected ?? [],
      running: runtime?.running(),
      startedAt,
      now: new Date(),
    };
  };

  return {
    async run(signal) {
      await Promise.all([loop.run(signal), runtime?.run(signal)]);
    },
    facts,
    pods: () => runtime?.pods(),
    runtimeDetails: () => runtime?.details() ?? {},
    reconnect() {
      again.abort(new Error("the way to the API server has changed"));
      loop.ring();
    },
    health() {
      // First those who can say why.
      for (const one of current) one.health();
      loop.health();
    },
  };
}

function informers(
  client: Pick<KubeClient, "list" | "watch">,
  { log, node, expected, now, onChange }: ClusterWatchOptions,
  seen: (node: Node) => void,
): Followed {
  const inform = <T extends KubeResource>(
    kind: GroupVersionKind,
    select: SelectOptions,
    onObject?: (object: T) => void,
  ): Informer<T> =>
    createInformer<T>({
      client,
      kind,
      log,
      ...select,
      ...(now === undefined ? {} : { now }),
      ...(onChange === undefined ? {} : { onChange }),
      keep: (object) => {
        onObject?.(object);
        return withoutManagedFields(object);
      },
    });
  const podsOf = (nodeName: string): Informer<Pod> =>
    inform(podKind, { namespace: systemNamespace, fieldSelector: `spec.nodeName=${nodeName}` });
  return {
    node:
      node === undefined
        ? undefined
        : inform(nodeKind, { fieldSelector: `metadata.name=${node.name}` }, seen),
    // Kubelet's credentials show the pods of its own node alone.
    pods: node === undefined ? [] : [podsOf(node.name), ...(expected === undefined ? [] : [podsOf("")])],
    workloads:
      expected === undefined ? [] : workloadKinds.map((kind) => inform(kind, { namespace: systemNamespace })),
  };
}

function withoutManagedFields<T extends KubeResource>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as T["metadata"] & { managedFields?: unknown };
  return { ...object, metadata };
}

/** A pod that has just been given to a node is for a moment in both lists. */
function distinct(pods: readonly Pod[]): Pod[] {
  return [...new Map(pods.toReversed().map((pod) => [pod.metadata.uid, pod])).values()].toReversed();
}

/** Which reports of kubelet are of this run: those after its start, and, whatever the clocks say, any that is new. */
function reportTracker(startedAt: Date) {
  let first: string | undefined;
  let wasThere = false;
  let changed = false;
  return {
    see(node: Node): void {
      const report = lastReport(node);
      wasThere = true;
      first ??= report;
      changed ||= report !== first;
    },
    isFresh: (node: Node | undefined): boolean => changed || isReportedSince(lastReport(node), startedAt),
    wasThere: (): boolean => wasThere,
  };
}

function isWell(facts: ClusterFacts | undefined): boolean {
  return facts !== undefined && readinessOf(facts).ready;
}
