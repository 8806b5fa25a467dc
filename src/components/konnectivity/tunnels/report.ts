// Per node: to which controllers its tunnel is up, and where it is not, the likely cause. Pure; what it is made from is
// gathered in registry.ts.

import { formatDuration } from "../../../std/duration.ts";
import type { AgentTarget } from "../../../config/konnectivity.ts";
import type { Tunnels } from "./server-output.ts";
import type { AgentPod, TunnelNode } from "./tables.ts";

export interface NodeTunnel {
  readonly node: string;
  /** The address by which its agent names itself. */
  readonly address: string;
  readonly nodeReady: boolean;
  /** Controllers to which its tunnel is up. */
  readonly controllers: readonly string[];
  /** Controllers that it should reach and does not. */
  readonly missing: readonly string[];
  /** Why there is no tunnel to this controller, as far as can be told. */
  readonly cause?: string;
  /** For so long its kubelet has not reported, where that is longer than it should be. */
  readonly silentMs?: number;
}

export interface TunnelFacts {
  /** Name of this controller. */
  readonly here: string;
  readonly tunnels: Tunnels;
  /** Agents of the other controllers that are alive, by their names. */
  readonly others: ReadonlyMap<string, ReadonlySet<string>>;
  readonly nodes: readonly TunnelNode[];
  readonly pods: readonly AgentPod[];
  /** For how long the kubelets of nodes without a tunnel have not reported, by the name of the node, as far as it is known. */
  readonly silentMs: ReadonlyMap<string, number>;
  /** Where agents are told to go. */
  readonly server: AgentTarget;
}

/** Nodes that are Ready and have no tunnel to this controller first; those without trouble last. */
export function tunnelReport(facts: TunnelFacts): NodeTunnel[] {
  const all = new Map([[facts.here, facts.tunnels.up], ...facts.others]);
  const reports = facts.nodes.map((node) => nodeTunnel(node, facts, all));
  const rank = ({ controllers, missing, nodeReady }: NodeTunnel): number => {
    if (missing.length === 0) return 3;
    if (!nodeReady) return 2;
    return controllers.includes(facts.here) ? 1 : 0;
  };
  return reports.sort((a, b) => rank(a) - rank(b) || a.node.localeCompare(b.node));
}

/** kubelet renews its lease every ten seconds. */
const reportToleranceMs = 20_000;

function nodeTunnel(
  { name, address, ready }: TunnelNode,
  facts: TunnelFacts,
  all: ReadonlyMap<string, ReadonlySet<string>>,
): NodeTunnel {
  const controllers = [...all].filter(([, agents]) => agents.has(address)).map(([controller]) => controller);
  const missing = [...all.keys()].filter((controller) => !controllers.includes(controller));
  const silentMs = facts.silentMs.get(name) ?? 0;
  const report = {
    node: name,
    address,
    nodeReady: ready,
    ...(silentMs > reportToleranceMs ? { silentMs } : {}),
    controllers: controllers.sort(),
    missing: missing.sort(),
  };
  return missing.includes(facts.here) ? { ...report, cause: likelyCause(report, facts) } : report;
}

function likelyCause(
  { node, address, nodeReady, controllers, silentMs }: Omit<NodeTunnel, "cause">,
  { pods, tunnels, server }: TunnelFacts,
): string {
  if (!nodeReady) return "the node is not Ready";
  const way = `${server.host}, TCP port ${server.port}`;
  // A node counts as Ready for most of a minute after its end, and so do its pods.
  if (silentMs !== undefined)
    return `the node has not reported for ${formatDuration(Math.round(silentMs / 1000) * 1000)}: was it stopped or reset? Its agent goes to ${way}`;
  const pod = pods.find((each) => each.node === node && each.status !== "Terminating");
  if (pod === undefined) return "no konnectivity-agent pod is there";
  const refused = tunnels.refused.get(address);
  if (refused !== undefined) return `this controller does not accept its agent's token: ${refused}`;
  if (pod.status !== "Running") return `its konnectivity-agent waits: ${pod.status}`;
  const reached = controllers.length === 0 ? "" : `, only ${controllers.join(", ")}`;
  return `its agent does not reach this controller${reached}; it goes to ${way}: is that open from the node?`;
}

/** Everything that is wrong, in sentences. Nodes that are not Ready are not expected to have tunnels. */
export function tunnelProblems(tunnels: readonly NodeTunnel[]): string[] {
  return brokenTunnels(tunnels).map(({ node, missing, controllers, cause }) => {
    const of = controllers.length + missing.length;
    const reached = of === 1 ? "" : ` (${controllers.length} of ${of} controllers reached)`;
    return `node ${node} has no tunnel to ${missing.join(", ")}${reached}: ${cause ?? "its agent does not reach it"}`;
  });
}

/** One for each of the problems, in their order. */
export function brokenTunnels(tunnels: readonly NodeTunnel[]): readonly NodeTunnel[] {
  return tunnels.filter(({ nodeReady, missing }) => nodeReady && missing.length > 0);
}
