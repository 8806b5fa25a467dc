// Whether names of the cluster resolve from this node, asked as its pods ask: through the address of the Service, then at each
// CoreDNS pod itself, so that the two are told apart.

import { isTrue } from "../../../kube/objects/condition.ts";
import type { Pod } from "../../../kube/objects/pod.ts";
import { dnsAddress } from "../../../config/derived.ts";
import type { Problem } from "../../../status/problems/problem.ts";
import { podsOf, podTroubles } from "../cluster-judgement.ts";
import { askDns, type DnsAnswer } from "../dns-query.ts";
import type { ExaminedNode } from "../examined-node.ts";
import { all, type Finding, type Verdict, verdictOf } from "../finding.ts";
import { type Examination, link } from "../link.ts";
import { redacted } from "../redacted.ts";

export interface DnsAsked {
  readonly name: string;
  readonly address: string;
  readonly answer: DnsAnswer;
}

export interface DnsFacts {
  /** Through the Service; undefined where no pods run, or nobody knows its address. */
  readonly service: DnsAsked | undefined;
  /** The pods of CoreDNS, asked only where the Service does not answer. */
  readonly pods: readonly (DnsAsked & { readonly pod: string })[];
  readonly troubles: readonly Problem[];
  /** The API server shows the objects of the cluster. */
  readonly seen: boolean;
}

export const dnsLink = link<DnsFacts>({ name: "DNS", look: lookAtDns, judge: judgeDns });

const limitMs = 2_000;
/** Datagrams get lost. */
const tries = 2;

async function lookAtDns({ node, shared, signal }: Examination): Promise<DnsFacts> {
  const service = node.workloads ? serviceOf(node) : undefined;
  if (node.disabled.has("coredns")) return { service: undefined, pods: [], troubles: [], seen: true };
  const [asked, view] = await Promise.all([
    service === undefined ? undefined : ask(service.name, service.address, signal),
    shared.cluster(),
  ]);
  const pods = view === undefined ? [] : podsOf("coredns", view).flatMap(addressed);
  const silent = asked === undefined || asked.answer.kind !== "answered";
  return {
    service: asked,
    pods:
      service === undefined || !silent
        ? []
        : await Promise.all(
            pods.map(async ({ pod, address }) => ({ pod, ...(await ask(service.name, address, signal)) })),
          ),
    troubles: view === undefined ? [] : podTroubles("DNS", view, node),
    seen: view !== undefined,
  };
}

function serviceOf({ config, settings }: ExaminedNode): { name: string; address: string } | undefined {
  if (config !== undefined)
    return { name: nameIn(config.spec.network.clusterDomain), address: dnsAddress(config) };
  const { clusterDNS, clusterDomain } = settings?.kubeletConfiguration ?? {};
  const address: unknown = Array.isArray(clusterDNS) ? clusterDNS[0] : undefined;
  if (typeof address !== "string") return undefined;
  return { name: nameIn(typeof clusterDomain === "string" ? clusterDomain : "cluster.local"), address };
}

function nameIn(domain: string): string {
  return `kubernetes.default.svc.${domain}.`;
}

function addressed(pod: Pod): readonly { pod: string; address: string }[] {
  const { podIP } = (pod.status ?? {}) as { podIP?: string };
  return podIP === undefined || !isTrue(pod, "Ready")
    ? []
    : [{ pod: pod.metadata.name ?? "", address: podIP }];
}

async function ask(name: string, address: string, signal: AbortSignal): Promise<DnsAsked> {
  let answer: DnsAnswer = { kind: "silent", why: "not asked" };
  for (let tried = 0; tried < tries && answer.kind === "silent"; tried++)
    answer = await askDns(name, { address, port: 53 }, { timeoutMs: limitMs, signal });
  return { name, address, answer };
}

const effect = "pods cannot resolve names";

export function judgeDns({ service, pods, troubles, seen }: DnsFacts, node: ExaminedNode): Verdict {
  if (node.disabled.has("coredns")) return { state: "absent", why: "CoreDNS is disabled" };
  const ofPods = troubles.map(({ text, remedy = "look at the pods of CoreDNS in kube-system" }): Finding => ({
    link: "DNS",
    about: "coredns",
    what: redacted(text),
    evidence:
      service === undefined ? ["the pods of coredns in kube-system"] : [askedLine("the Service", service)],
    effect,
    remedy,
    explains: [{ link: "DNS", about: "asked" }, ...all("system pods")],
  }));
  if (service === undefined) {
    if (ofPods.length > 0) return verdictOf(ofPods);
    if (!seen) return { state: "unseen", why: "the API server does not answer" };
    return { state: "well" };
  }
  const { answer } = service;
  if (answer.kind === "answered") return verdictOf(ofPods);
  return verdictOf([...ofPods, askedFinding(service, pods, seen)]);
}

function askedLine(whom: string, { name, address, answer }: DnsAsked): string {
  return `${name} asked of ${whom} at ${address}, UDP port 53: ${answer.kind === "answered" ? "answered" : answer.why}`;
}

function askedFinding(service: DnsAsked, pods: DnsFacts["pods"], seen: boolean): Finding {
  const evidence = [
    askedLine("the Service", service),
    ...pods.map(({ pod, ...asked }) => askedLine(`pod ${pod}`, asked)),
  ];
  const finding = (what: string, remedy: string): Finding => ({
    link: "DNS",
    about: "asked",
    what,
    evidence,
    effect,
    remedy,
    explains: all("system pods"),
  });
  if (service.answer.kind === "refused")
    return finding(
      `CoreDNS answers, and does not know its own cluster: ${service.answer.why}`,
      "its log says why: on a controller, `k0s kubectl -n kube-system logs -l k8s-app=kube-dns`",
    );
  if (pods.some(({ answer }) => answer.kind === "answered"))
    return finding(
      `the address of the DNS Service, ${service.address}, does not lead to CoreDNS from this node, which answers at its own`,
      "look at kube-proxy, which makes the rules of Services, and at firewalls that drop or replace them: nft list ruleset, iptables-save",
    );
  if (pods.length > 0)
    return finding(
      "CoreDNS does not answer, though its pods are Ready",
      "look at its pods (`k0s kubectl -n kube-system logs -l k8s-app=kube-dns` on a controller), and for a firewall that drops UDP port 53 or the traffic of pods",
    );
  return finding(
    "CoreDNS does not answer this node",
    seen
      ? "on a controller, `k0s kubectl -n kube-system get pods -o wide -l k8s-app=kube-dns` shows where it runs; is the traffic of pods let through between the nodes?"
      : "look at the links before it",
  );
}
