// Whether the API server reaches the nodes: konnectivity's tunnels, from a controller or from the node's end.

import { brokenTunnels, tunnelProblems } from "../../../components/konnectivity/tunnels/report.ts";
import { readKubeconfig } from "../../../kube/kubeconfig.ts";
import { statIfExists } from "../../../os/files.ts";
import { unreachableBecause } from "../../../os/tcp-reachable.ts";
import { queryTunnels } from "../../../status/client.ts";
import type { NodeTunnel } from "../../../components/konnectivity/tunnels/report.ts";
import type { Problem } from "../../../status/problems/problem.ts";
import { UserError } from "../../../std/errors.ts";
import { withoutBrackets, joinHostPort } from "../../../std/ip.ts";
import { podTroubles } from "../cluster-judgement.ts";
import type { ExaminedNode } from "../examined-node.ts";
import type { Finding, Verdict } from "../finding.ts";
import { verdictOf } from "../finding.ts";
import { type Examination, link } from "../link.ts";
import { redacted } from "../redacted.ts";

export interface TunnelFacts {
  /** Undefined on a worker, and where nobody could tell. */
  readonly tunnels: readonly NodeTunnel[] | undefined;
  /** Of a worker: the servers that its agent goes to and that cannot be reached from here, with why. */
  readonly away: readonly string[];
  readonly agents: readonly Problem[];
}

export const tunnelLink = link<TunnelFacts>({ name: "tunnel", look: lookAtTunnel, judge: judgeTunnel });

const reachMs = 3_000;

async function lookAtTunnel({ node, shared, signal }: Examination): Promise<TunnelFacts> {
  if (!hasTunnels(node)) return { tunnels: undefined, away: [], agents: [] };
  const [tunnels, away, view] = await Promise.all([
    node.role === "controller" && node.k0s.state === "answers" ? askTunnels(node, signal) : undefined,
    node.role === "worker" ? serversAway(node, signal) : [],
    shared.cluster(),
  ]);
  return { tunnels, away, agents: view === undefined ? [] : podTroubles("tunnel", view, node) };
}

function hasTunnels({ role, konnectivity, settings }: ExaminedNode): boolean {
  return role === "worker" ? (settings?.konnectivity.enabled ?? false) : konnectivity;
}

async function askTunnels(
  { paths }: ExaminedNode,
  signal: AbortSignal,
): Promise<readonly NodeTunnel[] | undefined> {
  try {
    return await queryTunnels(paths.statusSocket, signal);
  } catch (err) {
    if (err instanceof UserError) return undefined;
    throw err;
  }
}

/** The agent goes to the host of the API server, unless a load balancer on the node leads it to all controllers. */
async function serversAway(
  { paths, settings }: ExaminedNode,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (settings === undefined || (await statIfExists(paths.kubeletKubeconfig)) === undefined) return [];
  const { server } = await readKubeconfig(paths.kubeletKubeconfig);
  const balanced = settings.nodeLocalLoadBalancing?.enabled === true;
  const hosts = balanced
    ? settings.apiServerAddresses.map((address) => new URL(`https://${address}`).hostname)
    : [new URL(server).hostname];
  const port = settings.konnectivity.agentPort;
  const found = await Promise.all(
    hosts.map(withoutBrackets).map(async (host) => {
      const why = await unreachableBecause({ host, port }, { timeoutMs: reachMs, signal });
      return why === undefined ? [] : [`TCP ${joinHostPort(host, port)} from this node: ${why}`];
    }),
  );
  return found.flat();
}

const effect =
  "kubectl logs, exec and port-forward to these nodes fail, and so do webhooks and the metrics API";

export function judgeTunnel({ tunnels, away, agents }: TunnelFacts, node: ExaminedNode): Verdict {
  if (!hasTunnels(node)) return { state: "absent", why: "the API server reaches nodes directly" };
  const port = node.settings?.konnectivity.agentPort ?? node.config?.spec.konnectivity.agentPort ?? 8132;
  const finding = (what: string, evidence: readonly string[], remedy: string, about?: string): Finding => ({
    link: "tunnel",
    ...(about === undefined ? {} : { about }),
    what: redacted(what),
    evidence: evidence.map(redacted),
    effect,
    remedy,
    explains: [
      ...(about === undefined ? [{ link: "tunnel", about: "agent" } as const] : []),
      { link: "system pods", about: "API of metrics-server" },
    ],
  });
  const servers =
    away.length === 0
      ? []
      : [
          finding(
            "this node does not reach the controllers' konnectivity server",
            away,
            `allow outbound TCP ${port} from this node to the controllers`,
          ),
        ];
  const [first, ...others] = tunnelProblems(tunnels ?? []);
  const [worst] = brokenTunnels(tunnels ?? []);
  const broken =
    first === undefined
      ? []
      : [
          finding(
            first,
            [...others.slice(0, 4), ...agents.map(({ text }) => text)],
            worst?.silentMs === undefined
              ? `allow TCP ${port} from these nodes to this controller, and look at the pods konnectivity-agent in kube-system; one that was stopped or reset just now is not Ready within a minute`
              : `start k0s on that node, or look at its network; if it was reset or is gone for good, \`k0s kubectl delete node ${worst.node}\``,
          ),
        ];
  const ofAgents = (broken.length > 0 ? [] : agents).map(({ text, remedy = "look at that pod" }) =>
    finding(text, [`pods of konnectivity-agent in kube-system`], remedy, "agent"),
  );
  return verdictOf([...servers, ...broken, ...ofAgents]);
}
