// Whether the nodes are registered and Ready: on a worker its own, on a controller all of them.

import { conditionOf, isTrue } from "../../../kube/objects/condition.ts";
import type { Node } from "../../../kube/objects/node.ts";
import { nodeProblems } from "../../../status/health/node.ts";
import { providerProblem, startPatienceMs } from "../../../status/problems/cluster.ts";
import { oneLine } from "../../../status/problems/problem.ts";
import { formatDuration } from "../../../std/duration.ts";
import type { ClusterView } from "../cluster-view.ts";
import { type ExaminedNode, startedAt } from "../examined-node.ts";
import { all, type Explained, type Finding, type Verdict, verdictOf } from "../finding.ts";
import { link } from "../link.ts";
import { redacted } from "../redacted.ts";

export type NodeFacts = Pick<ClusterView, "nodes" | "leaseRenewedAt" | "unread"> | undefined;

export const nodeLink = link<NodeFacts>({
  name: "node",
  look: ({ shared }) => shared.cluster(),
  judge: judgeNode,
});

/** What the control plane waits for before it calls a node unknown. */
const leaseToleranceMs = 50_000;
const mostOthers = 5;

export function judgeNode(view: NodeFacts, node: ExaminedNode): Verdict {
  if (view === undefined) return { state: "unseen", why: "the API server does not answer" };
  const own = node.nodeName === undefined ? [] : ownFindings(node.nodeName, view, node);
  const others = view.nodes.filter(
    ({ metadata }) => metadata.name !== node.nodeName && metadata.name !== undefined,
  );
  const unread = view.unread.filter((line) => line.startsWith("the list of Nodes"));
  const waiting = view.nodes.flatMap((one) => providerFindings(one, node.now));
  return verdictOf([...own, ...otherFindings(others), ...waiting, ...unread.map(unreadFinding)]);
}

/** Of objects that the API server does not show. */
export function unreadFinding(line: string): Finding {
  return {
    link: "node",
    what: redacted(line),
    evidence: [],
    remedy: "on a controller, `k0s logs kube-apiserver` says why",
    explains: [],
  };
}

function ownFindings(
  name: string,
  { nodes, leaseRenewedAt }: Exclude<NodeFacts, undefined>,
  node: ExaminedNode,
): Finding[] {
  const object = nodes.find(({ metadata }) => metadata.name === name);
  const sinceStartMs = node.now.getTime() - (startedAt(node) ?? node.now).getTime();
  const problems = nodeProblems({ name, object, reported: true, wasThere: sinceStartMs > leaseToleranceMs });
  const silentMs = leaseRenewedAt === undefined ? 0 : node.now.getTime() - leaseRenewedAt.getTime();
  const lease =
    leaseRenewedAt === undefined
      ? []
      : [`kubelet renewed the lease of the node at ${leaseRenewedAt.toISOString()}`];
  const evidence = [
    ...(object === undefined ? [`the API server has no node ${name}`] : conditionLines(object)),
    ...lease,
  ];
  const found = problems.map(({ text, remedy, endsProcesses }): Finding => {
    const network = isOfNetwork(text);
    const ended: readonly Explained[] =
      endsProcesses === true ? [{ link: "processes", about: "kube-proxy" }] : [];
    return {
      link: "node",
      ...(network ? { about: "network" } : {}),
      what: redacted(text),
      evidence: evidence.map(redacted),
      effect: "no new pods start on it, and those of it are moved away in time",
      remedy: remedy ?? "look at the links before it; `k0s logs kubelet` says more",
      // A node that has no network does not explain why.
      explains: network ? all("DNS", "system pods") : [...ended, ...all("CNI", "DNS", "system pods")],
    };
  });
  if (found.length > 0 || silentMs < leaseToleranceMs || node.k0s.state !== "answers") return found;
  return [
    {
      link: "node",
      what: `kubelet has not renewed the lease of node ${name} for ${formatDuration(Math.round(silentMs / 1000) * 1000)}`,
      evidence: lease,
      effect: "the control plane is about to take it for dead",
      remedy: "`k0s logs kubelet` says why",
      explains: all("CNI", "DNS", "system pods"),
    },
  ];
}

function otherFindings(others: readonly Node[]): Finding[] {
  const notReady = others.filter((one) => !isTrue(one, "Ready"));
  return notReady.slice(0, mostOthers).map((one): Finding => {
    const { name = "" } = one.metadata;
    const ready = conditionOf(one, "Ready");
    const why = ready?.message ?? ready?.reason;
    return {
      link: "node",
      about: name,
      what: redacted(`node ${name} is not Ready${why === undefined ? "" : `: ${oneLine(why)}`}`),
      evidence: conditionLines(one).map(redacted),
      effect: "no new pods start on it, and those of it are moved away in time",
      remedy: `run \`k0s doctor\` on ${name}`,
      explains: all("DNS", "system pods"),
    };
  });
}

/** A provider needs a moment for a node that is new. */
function providerFindings(node: Node, now: Date): Finding[] {
  const ageMs = now.getTime() - Date.parse(node.metadata.creationTimestamp ?? now.toISOString());
  if (ageMs < startPatienceMs) return [];
  return providerProblem(node).map(({ text, remedy = "deploy one" }): Finding => ({
    link: "node",
    about: "cloud provider",
    what: redacted(text),
    evidence: ["taint node.cloudprovider.kubernetes.io/uninitialized:NoSchedule"],
    effect: "pods stay Pending",
    remedy,
    explains: all("DNS", "system pods"),
  }));
}

function isOfNetwork(text: string): boolean {
  return /NetworkPluginNotReady|network plugin|cni/i.test(text);
}

function conditionLines({ status }: Node): string[] {
  return (status?.conditions ?? [])
    .filter(({ type, status: is }) => (type === "Ready") !== (is === "True"))
    .map(
      ({ type, status: is, message = "", lastTransitionTime = "an unknown time" }) =>
        `condition ${type}=${is} since ${lastTransitionTime}: ${oneLine(message)}`,
    );
}
