// Tells the other controllers which tunnels end here, and puts together what all of them tell: a ConfigMap with one key a
// controller, believed while the lease of that controller's server is valid. docs/adr/0020.

import { agentTargets, type AgentTargetsConfig } from "../../../config/konnectivity.ts";
import type { KubeClient } from "../../../kube/client.ts";
import { isNotFoundError } from "../../../kube/errors.ts";
import { createLeaseObserver, isAlive } from "../../../kube/lease-observer.ts";
import { type ConfigMap, configMapKind } from "../../../kube/objects/config-map.ts";
import { type Lease, leaseKind } from "../../../kube/objects/lease.ts";
import { leaseNamespace } from "../agent-manifest.ts";
import { createBackoff } from "../../../std/backoff.ts";
import { errorMessage } from "../../../std/errors.ts";
import type { Logger } from "../../../std/log.ts";
import { createLoop } from "../../../std/loop.ts";
import { sleep } from "../../../std/wait.ts";
import type { Component } from "../../../supervisor/component.ts";
import { task } from "../../../supervisor/task.ts";
import { type TunnelTracker, tunnelTracker } from "./server-output.ts";
import { silences } from "./node-leases.ts";
import { type NodeTunnel, tunnelProblems, tunnelReport } from "./report.ts";
import { agentPods, tunnelNodes } from "./tables.ts";
import { kubeApiserverDeclaration } from "../../kube-apiserver/declaration.ts";

export interface TunnelRegistryOptions {
  readonly config: AgentTargetsConfig;
  readonly client: () => Promise<KubeClient>;
  /** Name of this controller. */
  readonly name: string;
  readonly serverId: string;
  readonly singleController: boolean;
  readonly log: Logger;
}

export interface TunnelRegistry extends Component {
  readonly tracker: TunnelTracker;
  report(signal: AbortSignal): Promise<readonly NodeTunnel[]>;
}

interface Entry {
  readonly serverId: string;
  readonly agents: readonly string[];
}

const map = {
  ...configMapKind,
  namespace: "kube-system",
  name: "k0s-konnectivity-tunnels",
} as const;
const settleMs = 1_000;
/** Somebody may have taken our entry for one of the dead. */
const checkMs = 60_000;
/** Between two looks at a trouble, longer and longer while it stays the same. */
const lookAgain = { firstMs: 4_000, longestMs: 60_000 };

export function tunnelRegistry(options: TunnelRegistryOptions): TunnelRegistry {
  const { config, name, serverId, singleController } = options;
  const log = options.log.with({ component: "konnectivity" });
  const stopping = new AbortController();
  const observer = createLeaseObserver();
  const looks = createBackoff(lookAgain);
  let told = { text: "", at: 0 };
  let looking = false;
  let lookAt = 0;
  let started = false;

  /** Ids of the konnectivity servers whose leases are alive. */
  const liveServers = async (client: KubeClient, signal: AbortSignal): Promise<ReadonlySet<string>> => {
    const selection = { namespace: leaseNamespace, labelSelector: "k8s-app=konnectivity-server" };
    const { items } = await client.list<Lease>(leaseKind, { ...selection, signal });
    const alive = items.filter((lease) => isAlive(lease, observer.ageMs(lease)));
    return new Set(alive.map(({ spec }) => spec?.holderIdentity ?? ""));
  };

  const others = async (
    client: KubeClient,
    signal: AbortSignal,
  ): Promise<Map<string, ReadonlySet<string>>> => {
    if (singleController) return new Map();
    const [published, alive] = await Promise.all([
      client.find<ConfigMap>(map, { signal }),
      liveServers(client, signal),
    ]);
    const entries = Object.entries(published?.data ?? {}).map(
      ([key, text]) => [key, parseEntry(text)] as const,
    );
    return new Map(
      entries.flatMap(([key, entry]) =>
        key !== name && entry !== undefined && alive.has(entry.serverId)
          ? [[key, new Set(entry.agents)]]
          : [],
      ),
    );
  };

  const report = async (signal: AbortSignal): Promise<readonly NodeTunnel[]> => {
    const client = await options.client();
    const [nodes, pods, elsewhere] = await Promise.all([
      tunnelNodes(client, signal),
      agentPods(client, signal),
      others(client, signal),
    ]);
    const tunnels = tracker.current();
    const without = nodes.filter(({ address, ready }) => ready && !tunnels.up.has(address));
    return tunnelReport({
      here: name,
      tunnels,
      silentMs: await silences(
        client,
        without.map((node) => node.name),
        signal,
      ),
      others: elsewhere,
      nodes,
      pods,
      server: agentTargets(config).server,
    });
  };

  /** kube-apiserver did not reach what it wanted: told if that may be for want of a tunnel. */
  const complain = async (): Promise<void> => {
    if (!started || looking || performance.now() < lookAt) return;
    looking = true;
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(10_000)]);
    try {
      const problems = tunnelProblems(await report(signal));
      // Without any node that should have one, as while a cluster starts, there is nothing to tell.
      if (problems.length === 0) return;
      const text = problems.join("\n");
      const sameAsBefore = text === told.text;
      if (!sameAsBefore) looks.worked();
      if (sameAsBefore && performance.now() - told.at < lookAgain.longestMs) return;
      told = { text, at: performance.now() };
      const sentence =
        tracker.current().up.size === 0
          ? "No agent available: kube-apiserver reaches no node, pod or webhook from here"
          : "kube-apiserver does not reach every node from here";
      log.warn(sentence, { problems: problems.slice(0, 5), nodes: problems.length });
    } catch (err) {
      if (!signal.aborted)
        log.warn("kube-apiserver does not reach something through a tunnel", { err: errorMessage(err) });
    } finally {
      lookAt = performance.now() + looks.failed();
      looking = false;
    }
  };

  const tracker = tunnelTracker({ onChange: () => publishing.ring(), onNotReached: () => void complain() });

  const publish = async (client: KubeClient, signal: AbortSignal): Promise<void> => {
    const entry: Entry = { serverId, agents: [...tracker.current().up].sort() };
    const [present, alive] = await Promise.all([
      client.find<ConfigMap>(map, { signal }),
      liveServers(client, signal),
    ]);
    const text = JSON.stringify(entry);
    const stale = Object.entries(present?.data ?? {}).flatMap(([key, value]) =>
      // Where not even this controller's lease is alive, leases prove nothing.
      key !== name && alive.has(serverId) && !alive.has(parseEntry(value)?.serverId ?? "")
        ? [[key, null]]
        : [],
    );
    if (present?.data?.[name] === text && stale.length === 0) return;
    const patch = { data: { ...Object.fromEntries(stale), [name]: text } };
    try {
      await client.patch(map, "merge", patch, { signal });
    } catch (err) {
      if (!isNotFoundError(err)) throw err;
      const { namespace, name: mapName, ...kind } = map;
      await client.create<ConfigMap>(
        { ...kind, metadata: { namespace, name: mapName }, data: { [name]: text } },
        { signal },
      );
    }
  };

  const publisher = (client: KubeClient) =>
    createLoop({
      name: "entry of the tunnels",
      log,
      everyMs: checkMs,
      round: async (signal) => {
        await publish(client, signal);
        // Tunnels come and go together: those of the next second are told with these.
        await sleep(settleMs, signal);
      },
    });
  const publishing = task({
    name: "konnectivity-tunnels",
    dependsOn: [kubeApiserverDeclaration],
    parts: async () => {
      started = true;
      return singleController ? [] : [publisher(await options.client())];
    },
    end: () => stopping.abort(),
  });
  return { ...publishing, tracker, report };
}

function parseEntry(text: string): Entry | undefined {
  try {
    const { serverId, agents } = JSON.parse(text) as Partial<Entry>;
    return typeof serverId === "string" && Array.isArray(agents) ? { serverId, agents } : undefined;
  } catch {
    // Written by somebody else; our own next write leaves it out.
    return undefined;
  }
}
