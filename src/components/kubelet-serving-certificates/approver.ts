// Approves kubelets' serving certificates, without which logs, exec and metrics fail.
// Upstream: pkg/component/controller/csrapprover.go. Better than there: it acts when a request comes, looks at all
// of them, a bad one does not hold up the others, and names are those of the node. docs/adr/0049-kubelet-serving-ca.md.

import type { NodeConfig } from "../../config/fixed-fields.ts";
import type { KubeClient } from "../../kube/client.ts";
import { createInformer } from "../../kube/informer.ts";
import type { LeaderElector } from "../../kube/lease.ts";
import { type CertificateSigningRequest, csrKind } from "../../kube/objects/certificate-signing-request.ts";
import { type Node, nodeKind } from "../../kube/objects/node.ts";
import { backoffDelay, type BackoffRules } from "../../std/backoff.ts";
import type { Logger } from "../../std/log.ts";
import { createLoop } from "../../std/loop.ts";
import { workInParallel } from "../../std/parallel.ts";
import { sleep } from "../../std/wait.ts";
import type { Component } from "../../supervisor/component.ts";
import { approve, mayRequest } from "./approval.ts";
import {
  isUndecided,
  kubeletServingSigner,
  type ServingRequest,
  servingRequest,
  withoutWhatIsDone,
} from "./serving-request.ts";
import {
  othersNamesRefusal,
  ownersOf,
  ownNamesRefusal,
  reservedNames,
  type ReservedNames,
} from "./node-names.ts";
import { controllerAddresses } from "./controller-addresses.ts";
import { leaderTask, type WatchHealth } from "../../supervisor/leader-task.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";

export interface CsrApproverOptions {
  readonly config: NodeConfig;
  /** The node on this host; undefined on a controller without one. */
  readonly ownNode: string | undefined;
  /** Whether the authority that signs is k0s' own, which nobody who talks to the API trusts. */
  readonly ownAuthority: boolean;
  /** Whether the endpoints of the API are its external address, and so do not tell who the controllers are. */
  readonly foreignEndpoints: boolean;
  readonly client: () => Promise<KubeClient>;
  readonly leader: LeaderElector;
  readonly log: Logger;
  /** How what is refused is looked at again; for tests. */
  readonly again?: Pick<BackoffRules, "firstMs" | "longestMs">;
}

/** A request that may be approved yet. */
interface Pending {
  readonly csr: CertificateSigningRequest;
  readonly request: ServingRequest;
  refusals: number;
  /** Why, the last time. */
  refusal: string;
  dueAt: number;
}

type Settle = (one: Pending, refusal: string) => void;

/** For a Node changes: soon in the first seconds of a node, then rarely. */
const inGrowingPauses = { firstMs: 1_000, longestMs: 300_000 };
/** Earlier refusals are mostly a Node that is not complete yet. */
const quietRefusals = 3;
/** After half a minute a node without a certificate is a fault of the cluster. */
const patientRefusals = 6;

export function csrApprover(options: CsrApproverOptions): Component {
  const { config, ownNode, ownAuthority, foreignEndpoints, again = inGrowingPauses } = options;
  const reserved = reservedNames(config, ownNode, ownAuthority);
  let problem: () => string | undefined = () => undefined;
  const task = leaderTask({
    ...options,
    name: "csr-approver",
    dependsOn: [kubeApiserverDeclaration],
    run: async (client, signal, log, watch) => {
      const tellProblem = (current: typeof problem): void => void (problem = current);
      try {
        const context = { client, log, reserved, foreignEndpoints, again, tellProblem, watch };
        await approveRequests(context, signal);
      } finally {
        problem = () => undefined;
      }
    },
  });
  return {
    ...task,
    health: async (signal) => {
      await task.health?.(signal);
      const present = problem();
      if (present !== undefined) throw new Error(present);
    },
  };
}

interface ApproverContext {
  readonly client: KubeClient;
  readonly reserved: ReservedNames;
  readonly foreignEndpoints: boolean;
  readonly again: Pick<BackoffRules, "firstMs" | "longestMs">;
  readonly log: Logger;
  /** Gets a function that tells which node has lacked a certificate for long. */
  readonly tellProblem: (problem: () => string | undefined) => void;
  readonly watch: WatchHealth;
}

async function approveRequests(context: ApproverContext, signal: AbortSignal): Promise<void> {
  const { client, log } = context;
  const pending = new Map<string, Pending>();
  const refused = new Set<string>();
  const listNodes = nodeLister(client);

  const take = (csr: CertificateSigningRequest): void => {
    const uid = csr.metadata.uid ?? "";
    if (!isUndecided(csr)) pending.delete(uid);
    if (!isUndecided(csr) || pending.has(uid) || refused.has(uid)) return;
    const found = servingRequest(csr);
    if ("request" in found) {
      pending.set(uid, { csr, request: found.request, refusals: 0, refusal: "", dueAt: 0 });
    } else {
      refused.add(uid);
      tellRefusal(log, csr, found.refusal);
    }
  };
  const forget = (csr: CertificateSigningRequest): void => {
    pending.delete(csr.metadata.uid ?? "");
    refused.delete(csr.metadata.uid ?? "");
  };
  const forgetAllBut = (present: readonly CertificateSigningRequest[]): void => {
    const uids = new Set(present.map(({ metadata }) => metadata.uid ?? ""));
    for (const uid of [...pending.keys(), ...refused].filter((known) => !uids.has(known))) {
      pending.delete(uid);
      refused.delete(uid);
    }
  };
  const settle: Settle = (one, refusal) => {
    one.refusals++;
    one.refusal = refusal;
    one.dueAt = performance.now() + backoffDelay(one.refusals, context.again);
    if (one.refusals === quietRefusals) tellRefusal(log, one.csr, refusal);
  };

  const loop = createLoop({
    name: "approval of certificate requests",
    log,
    round: async (during) => {
      const due = [...pending.values()].filter(({ dueAt }) => dueAt <= performance.now());
      const errors: unknown[] = [];
      const promising = await among(due, errors, settle, during, (one) => firstLook(context, one, during));
      const owners = promising.length === 0 ? new Map() : ownersOf(await listNodes(during));
      const good = await among(promising, errors, settle, during, async (one) => {
        const refusal = othersNamesRefusal(one.request, owners);
        if (refusal === undefined) await approve(client, one.csr, during);
        return refusal;
      });
      for (const { csr, request } of good) {
        forget(csr);
        log.info("Approved a kubelet's serving certificate", { csr: csr.metadata.name, node: request.node });
      }
      if (errors.length > 0) throw errors[0];
      return Math.max(0, Math.min(...[...pending.values()].map(({ dueAt }) => dueAt)) - performance.now());
    },
  });
  const requests = createInformer<CertificateSigningRequest>({
    client,
    kind: csrKind,
    fieldSelector: `spec.signerName=${kubeletServingSigner}`,
    keep: withoutWhatIsDone,
    log,
    onChange: ({ object, reason }) => {
      if (reason === "deleted" && object !== undefined) return forget(object);
      const changed = object === undefined ? requests.items() : [object];
      if (object === undefined) forgetAllBut(changed);
      changed.forEach(take);
      loop.ring();
    },
  });
  context.tellProblem(() => {
    const longest = [...pending.values()].find(
      ({ csr, refusals }) => refusals >= patientRefusals && isNewest(csr, requests.items()),
    );
    if (longest === undefined) return undefined;
    const { node } = longest.request;
    const { name = "" } = longest.csr.metadata;
    return `the kubelet of ${node} gets no serving certificate, so that its logs cannot be read: ${longest.refusal}; if it may have it: k0s kubectl certificate approve ${name}`;
  });
  context.watch(requests);
  context.watch(loop);
  await Promise.all([requests.run(signal), loop.run(signal)]);
}

/** kubelet asks again after a while; what it asked before stays there for a day. */
function isNewest(csr: CertificateSigningRequest, all: readonly CertificateSigningRequest[]): boolean {
  const { creationTimestamp: since = "" } = csr.metadata;
  return !all.some(
    ({ metadata, spec }) =>
      spec?.username === csr.spec?.username && (metadata.creationTimestamp ?? "") > since,
  );
}

/** Requests looked at side by side. Everything in this process shares 256 calls of the API: a thousand nodes must not take all. */
const looksAtOnce = 32;

/** Those that `look` has no objection to. Refused ones are settled; those that it fails for stay due. */
async function among(
  all: readonly Pending[],
  errors: unknown[],
  settle: Settle,
  signal: AbortSignal,
  look: (one: Pending) => Promise<string | undefined>,
): Promise<readonly Pending[]> {
  const looks = await workInParallel(all, looksAtOnce, signal, async (one) => {
    const [result] = await Promise.allSettled([look(one)]);
    return result;
  });
  return all.filter((one, index) => {
    const result = looks[index];
    if (result?.status === "rejected") errors.push(result.reason);
    if (result?.status !== "fulfilled") return false;
    if (result.value !== undefined) settle(one, result.value);
    return result.value === undefined;
  });
}

/** Undefined if there is no objection so far. */
async function firstLook(
  { client, reserved, foreignEndpoints }: ApproverContext,
  { csr, request }: Pending,
  signal: AbortSignal,
): Promise<string | undefined> {
  const ref = { ...nodeKind, name: request.node };
  const node = await client.find<Node>(ref, { signal });
  const controllers = request.names.some((name) => reserved.listed.has(name))
    ? await controllerAddresses(client, foreignEndpoints, signal)
    : undefined;
  const refusal = ownNamesRefusal(request, node, reserved, controllers);
  if (refusal !== undefined) return refusal;
  return (await mayRequest(client, csr, signal)) ? undefined : "who asks may not create certificate requests";
}

/** As much of one as `ownersOf` reads: with its images it is 12 kB. */
function onlyAddresses({ apiVersion, kind, metadata, status }: Node): Node {
  const { name = "" } = metadata;
  return { apiVersion, kind, metadata: { name }, status: { addresses: status?.addresses ?? [] } };
}

/** Nodes asked for at a time: 2 MB. */
const nodesAtOnce = 200;

/** All nodes, by their addresses alone; in a large cluster, where many nodes come at once, not for each of them. */
function nodeLister(client: KubeClient): (signal: AbortSignal) => Promise<readonly Node[]> {
  let notBefore = 0;
  return async (signal) => {
    await sleep(Math.max(0, notBefore - performance.now()), signal);
    const startedAt = performance.now();
    const { items } = await client.list<Node>(nodeKind, {
      pageSize: nodesAtOnce,
      keep: onlyAddresses,
      signal,
    });
    const endedAt = performance.now();
    notBefore = endedAt + pauseAfterList(endedAt - startedAt, items.length);
    return items;
  };
}

/**
 * Milliseconds until all nodes are listed again. Ten times as long as the list took, so that a large one is rare; but no more than
 * 100 nodes a second are 1 MB a second, and a small list that a busy host was slow with must not hold nodes up that join.
 */
export function pauseAfterList(tookMs: number, nodes: number): number {
  return Math.max(500, Math.min(10 * tookMs, 10 * nodes));
}

function tellRefusal(log: Logger, { metadata, spec }: CertificateSigningRequest, why: string): void {
  log.warn("A certificate request of a kubelet is not approved; an administrator may do so", {
    csr: metadata.name,
    user: spec?.username,
    why,
  });
}
