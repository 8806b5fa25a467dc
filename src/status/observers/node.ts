// Everything that a node finds out about itself in the background, so that its status answers at once whatever hangs: the
// host, the API server, the cluster's part on this node. ADR 0048.

import type { RuntimeAccess } from "../../components/containerd/runtime-access.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { Logger } from "../../std/log.ts";
import { createLoop } from "../../std/loop.ts";
import type { Component } from "../../supervisor/component.ts";
import { task } from "../../supervisor/task.ts";
import { type Readiness, readinessOf } from "../health/cluster-readiness.ts";
import { apiProbe } from "./api.ts";
import { clusterProblems, standingKeys } from "../problems/cluster.ts";
import { clusterWatch } from "./cluster.ts";
import { hostProblems } from "../problems/host.ts";
import { type ObservedHost, observeHost, type WatchedHost } from "./host.ts";
import { isTrue } from "../../kube/objects/condition.ts";
import type { Problem } from "../problems/problem.ts";
import { standingClock } from "../problems/standing.ts";

export interface NodeObserverOptions {
  readonly log: Logger;
  /** Rejects with NoCredentialsYet before this node has joined its cluster. */
  readonly client: () => Promise<KubeClient>;
  /** See ApiProbeOptions. */
  readonly sinceAnswerMs?: () => number;
  readonly startedAt: Date;
  /** The node of this host, and its container runtime; absent where no pods run. */
  readonly node?: { readonly name: string; readonly runtime: RuntimeAccess };
  /** Workloads that the cluster has to have; absent where the credentials do not show them. */
  readonly expected?: readonly string[];
  readonly host: WatchedHost;
  /** Of the cluster, once it is known. */
  readonly networkProvider: () => string | undefined;
  /** The API server is on another host, so that the two clocks can differ. */
  readonly remoteApi: boolean;
  /** Facts for a person that take a look at files, now and then. */
  readonly details?: () => Promise<Readonly<Record<string, string>>>;
  /** Facts for a person that are in memory, told as they are when they are asked for. */
  readonly liveDetails?: () => Readonly<Record<string, string>>;
}

export interface NodeObserver extends Component {
  /** What is wrong with the host. */
  hostProblems(): readonly Problem[];
  /** What is wrong with the cluster on this node; empty while the API server does not answer. */
  clusterProblems(): readonly Problem[];
  /** Why the API server does not answer; null when it does, undefined before it was asked. */
  apiFailure(): string | null | undefined;
  /** Undefined until the API has been read. */
  readiness(): Readiness | undefined;
  details(): Readonly<Record<string, string>>;
  /** Begins again: the way to the API server is another one now. */
  reconnect(): void;
}

const hostEveryMs = 10_000;
const hostLimitMs = 8_000;
/** While something is not as it should be, and otherwise: then whatever changes tells of it. */
const standingEveryMs = { unwell: 2_000, well: 10_000 };

export function nodeObserver(options: NodeObserverOptions): NodeObserver {
  const { log, node } = options;
  const api = apiProbe(options);
  const cluster = clusterWatch({ ...options, onChange: () => systemPods.ring() });
  const standing = standingClock();
  let host: ObservedHost | undefined;
  let details: Readonly<Record<string, string>> = {};

  const systemPods = createLoop({
    name: "look at the system pods",
    log,
    round: async () => {
      const facts = cluster.facts();
      const keys = facts === undefined ? [] : standingKeys(facts);
      standing.see(keys);
      return keys.length === 0 ? standingEveryMs.well : standingEveryMs.unwell;
    },
  });
  const loops = [
    createLoop({
      name: "look at the host",
      log,
      everyMs: hostEveryMs,
      limitMs: hostLimitMs,
      round: async () => void (host = await observeHost(options.host)),
    }),
    createLoop({
      name: "look at the node's facts",
      log,
      everyMs: hostEveryMs,
      limitMs: hostLimitMs,
      quietFailures: 10,
      round: async () => void (details = (await options.details?.()) ?? {}),
    }),
    systemPods,
  ];

  const nodeText = (): string | undefined => {
    const facts = cluster.facts()?.node;
    if (node === undefined || facts === undefined) return node?.name;
    if (facts.object === undefined) return `${node.name} is not registered`;
    const pods = cluster.pods();
    const ready = isTrue(facts.object, "Ready") && facts.reported ? "Ready" : "NotReady";
    return `${node.name} ${ready}${pods === undefined ? "" : `, ${pods} pods`}`;
  };

  // Where the API server does not answer, that is the fault.
  const ofCluster = [api, cluster].map((part) => ({
    run: (signal: AbortSignal) => part.run(signal),
    health: () => (api.failure() === null ? part.health() : undefined),
  }));

  return {
    ...task({ name: "node-observer", parts: [...loops, ...ofCluster] }),
    hostProblems: () =>
      host === undefined
        ? []
        : hostProblems(
            {
              ...host,
              networkProvider: node === undefined ? undefined : options.networkProvider(),
              clockAheadMs: options.remoteApi ? api.clockAheadMs() : undefined,
            },
            new Date(),
          ),
    clusterProblems: () => {
      const facts = cluster.facts();
      return facts === undefined || api.failure() !== null ? [] : clusterProblems(facts, standing.since);
    },
    apiFailure: () => api.failure(),
    readiness: () => {
      const facts = cluster.facts();
      return facts === undefined ? undefined : readinessOf(facts);
    },
    details: () => {
      const text = nodeText();
      return {
        ...details,
        ...cluster.runtimeDetails(),
        ...options.liveDetails?.(),
        ...(text === undefined ? {} : { Node: text }),
      };
    },
    reconnect: () => cluster.reconnect(),
  };
}
