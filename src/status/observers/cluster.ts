// Follows what tells whether a node's cluster works, by watches on few objects: its own Node, the system pods on it and
// those on no node yet, and the workloads that k0s deploys. Only the container runtime of this
// host is polled. ADR 0048.

import { criClient } from "../../components/containerd/cri.ts";
import { runtimeTexts } from "./runtime.ts";
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

export interface ClusterWatchOptions {
  /** Rejects with NoCredentialsYet while this node has none. */
  readonly client: () => Promise<Pick<KubeClient, "list" | "watch">>;
  readonly log: Logger;
  /** When this k0s started, by this host's clock: what was reported before does not count. */
  readonly startedAt: Date;
  /** The node of this host; absent where no pods run. */
  readonly node?: {
    readonly name: string;
    /** Path or URL of the container runtime's socket. */
    readonly runtime: string;
  };
  /** Names of the workloads that this cluster has to have; absent where the credentials do not show them. */
  readonly expected?: readonly string[];
  /** Milliseconds of a clock that does not jump. */
  readonly now?: () => number;
}

export interface ClusterWatch {
  run(signal: AbortSignal): Promise<void>;
  /** Undefined until every list has been read once. */
  facts(): ClusterFacts | undefined;
  /** Pods of all namespaces on this host whose sandbox is up; undefined until the runtime has answered. */
  pods(): number | undefined;
  /** Of the container runtime, for a person. */
  runtimeDetails(): Readonly<Record<string, string>>;
  /** Begins again with a new client: the way to the API server is another one now. */
  reconnect(): void;
  health(): void;
}

const workloadKinds = ["Deployment", "DaemonSet"].map((kind) => ({ apiVersion: "apps/v1", kind }));
/** While somebody waits for a pod that may have started, and when all is well. */
const containersEveryMs = { waiting: 500, well: 10_000 };
const containersLimitMs = 3_000;

interface Followed {
  readonly node: Informer<Node> | undefined;
  readonly pods: readonly Informer<Pod>[];
  readonly workloads: readonly Informer<Workload>[];
}

export function clusterWatch(options: ClusterWatchOptions): ClusterWatch {
  const { log, node, expected, startedAt } = options;
  const reports = reportTracker(startedAt);
  const runtime = node === undefined ? undefined : runtimeWatch(node.runtime, log, () => isWell(facts()));
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
  { log, node, expected, now }: ClusterWatchOptions,
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

interface RuntimeWatch {
  run(signal: AbortSignal): Promise<void>;
  running(): ReadonlySet<string> | undefined;
  pods(): number | undefined;
  details(): Readonly<Record<string, string>>;
}

/** What runs on this host, from the container runtime itself. */
function runtimeWatch(socket: string, log: Logger, well: () => boolean): RuntimeWatch {
  let running: ReadonlySet<string> | undefined;
  let pods: number | undefined;
  let details: Readonly<Record<string, string>> = {};
  const loop = createLoop({
    name: "look at the container runtime",
    log,
    limitMs: containersLimitMs,
    // It starts later than we do, and its own health tells when it is down.
    quietFailures: Number.POSITIVE_INFINITY,
    backoff: { firstMs: 500, longestMs: 5_000 },
    round: async (signal) => {
      using client = criClient(socket);
      try {
        const call = { signal, timeoutMs: containersLimitMs };
        const [containers, sandboxes, facts] = await Promise.all([
          client.runningContainers(call),
          client.podSandboxes(call),
          client.facts(call),
        ]);
        details = runtimeTexts(facts);
        running = containers;
        pods = sandboxes.filter(({ ready }) => ready).length;
        return well() ? containersEveryMs.well : containersEveryMs.waiting;
      } catch (err) {
        running = undefined;
        throw err;
      }
    },
  });
  return {
    run: (signal) => loop.run(signal),
    running: () => running,
    pods: () => pods,
    details: () => details,
  };
}
