// Whether the other system pods are ready, and the APIs that they serve available.

import type { KubeResource } from "../../../kube/types.ts";
import { type Condition, conditionOf } from "../../../kube/objects/condition.ts";
import { type Problem, oneLine } from "../../../status/problems/problem.ts";
import { podTroubles } from "../cluster-judgement.ts";
import type { ExaminedNode } from "../examined-node.ts";
import { type Finding, type Verdict, verdictOf } from "../finding.ts";
import { type Examination, link } from "../link.ts";
import { redacted } from "../redacted.ts";

export interface ApiService extends KubeResource {
  readonly spec?: { readonly service?: { readonly name?: string; readonly namespace?: string } | null };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

export interface SystemPodFacts {
  readonly seen: boolean;
  readonly pods: readonly Problem[];
  /** APIs that pods serve and that the API server does not reach; those of one's own pods among them. */
  readonly unavailable: readonly ApiService[];
  /** What could not be read, a line each. */
  readonly unread: readonly string[];
}

export const systemPodsLink = link<SystemPodFacts>({
  name: "system pods",
  look: lookAtSystemPods,
  judge: judgeSystemPods,
});

const limitMs = 3_000;
/** An API is unavailable while its pod starts. */
const patienceMs = 60_000;

async function lookAtSystemPods({ node, shared, signal }: Examination): Promise<SystemPodFacts> {
  const view = await shared.cluster();
  if (view === undefined) return { seen: false, pods: [], unavailable: [], unread: [] };
  const pods = podTroubles("system pods", view, node);
  const unread = view.unread.filter((line) => !line.startsWith("the list of Nodes"));
  const api = await shared.api();
  if (view.nodes.length === 0 || node.role !== "controller" || api.kind !== "answers")
    return { seen: true, pods, unavailable: [], unread };
  const kind = { apiVersion: "apiregistration.k8s.io/v1", kind: "APIService" };
  try {
    const { items } = await api.client.list<ApiService>(kind, { signal, retries: 0, timeoutMs: limitMs });
    return { seen: true, pods, unread, unavailable: items.filter((one) => isUnavailable(one, node.now)) };
  } catch (err) {
    signal.throwIfAborted();
    if (!(err instanceof Error)) throw err;
    return {
      seen: true,
      pods,
      unavailable: [],
      unread: [...unread, `the list of APIServices cannot be read: ${err.message}`],
    };
  }
}

export function isUnavailable(service: ApiService, now: Date): boolean {
  const available = conditionOf(service, "Available");
  if (service.spec?.service === undefined || service.spec.service === null) return false;
  if (available === undefined || available.status === "True") return false;
  const since = Date.parse(available.lastTransitionTime ?? "");
  return Number.isNaN(since) || now.getTime() - since > patienceMs;
}

export function judgeSystemPods(
  { seen, pods, unavailable, unread }: SystemPodFacts,
  _node: Pick<ExaminedNode, "now">,
): Verdict {
  if (!seen) return { state: "unseen", why: "the API server does not answer" };
  const ofPods = pods.map(({ text, remedy, about }): Finding => ({
    link: "system pods",
    ...(about === undefined ? {} : { about }),
    what: redacted(text),
    evidence: [`the pods of ${about ?? "k0s"} in kube-system`],
    effect:
      about === "metrics-server"
        ? "kubectl top and autoscaling have no figures"
        : "what it does stands still",
    remedy: remedy ?? "on a controller, `k0s kubectl -n kube-system get pods -o wide` shows them",
    explains: [{ link: "system pods", about: `API of ${about ?? ""}` }],
  }));
  const ofApis = unavailable.map((service): Finding => {
    const { name = "" } = service.metadata;
    const message = conditionOf(service, "Available")?.message ?? "no reason given";
    return {
      link: "system pods",
      about: `API of ${service.spec?.service?.name ?? ""}`,
      what: redacted(`the API ${name} is not available: ${oneLine(message)}`),
      evidence: [`APIService ${name}: condition Available is not True`],
      effect: "kubectl warns of it in each call, and namespaces cannot be deleted",
      remedy: `look at the pods behind the Service ${service.spec?.service?.namespace ?? ""}/${service.spec?.service?.name ?? ""}, and at the tunnel`,
      explains: [],
    };
  });
  const ofReading = unread.map((line): Finding => ({
    link: "system pods",
    what: redacted(line),
    evidence: [],
    remedy: "on a controller, `k0s logs kube-apiserver` says why",
    explains: [],
  }));
  return verdictOf([...ofPods, ...ofApis, ...ofReading]);
}
