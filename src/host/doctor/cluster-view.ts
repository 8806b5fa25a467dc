// The objects of a cluster that tell how its nodes and system pods are: on a controller all of them, on a worker its own.

import { criClient } from "../../components/containerd/cri.ts";
import { factsBeforeSettings } from "../../components/worker-facts.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { Lease } from "../../kube/objects/lease.ts";
import { leaseKind } from "../../kube/objects/lease.ts";
import { type Node, nodeKind } from "../../kube/objects/node.ts";
import { type Pod, podKind } from "../../kube/objects/pod.ts";
import type { Workload } from "../../kube/objects/workload.ts";
import { controllerRole } from "../../roles/controller.ts";
import { workloadsOf } from "../../roles/folds/workloads.ts";
import { systemNamespace, workloadOf } from "../../status/health/system-workloads.ts";
import type { ApiAnswer } from "./api-answer.ts";
import type { ExaminedNode } from "./examined-node.ts";

export interface ClusterView {
  /** On a worker, its own alone. */
  readonly nodes: readonly Node[];
  /** Of the workloads that k0s deploys. */
  readonly pods: readonly Pod[];
  /** Undefined on a worker, which may not see them. */
  readonly workloads: readonly Workload[] | undefined;
  /** That the cluster has to have. */
  readonly expected: readonly string[];
  /** Ids of the containers that run on this host; undefined where the runtime does not answer. */
  readonly running: ReadonlySet<string> | undefined;
  /** When kubelet has renewed the lease of this host's node; undefined where there is none. */
  readonly leaseRenewedAt: Date | undefined;
  /** What could not be read, a line each. */
  readonly unread: readonly string[];
}

const limitMs = 4_000;

export async function viewCluster(
  node: ExaminedNode,
  api: ApiAnswer,
  signal: AbortSignal,
): Promise<ClusterView | undefined> {
  if (api.kind !== "answers") return undefined;
  const { client } = api;
  const reading = reader(client, signal);
  const mine = node.nodeName ?? "";
  const admin = node.role === "controller";
  const ofMine = admin ? {} : { fieldSelector: `spec.nodeName=${mine}` };
  const [nodes, pods, deployments, daemonSets, lease, running] = await Promise.all([
    admin
      ? reading.list<Node>(nodeKind, {})
      : reading.list<Node>(nodeKind, { fieldSelector: `metadata.name=${mine}` }),
    reading.list<Pod>(podKind, { namespace: systemNamespace, ...ofMine }),
    admin ? reading.list<Workload>(kindOf("Deployment"), { namespace: systemNamespace }) : undefined,
    admin ? reading.list<Workload>(kindOf("DaemonSet"), { namespace: systemNamespace }) : undefined,
    mine === "" ? undefined : reading.lease(mine),
    node.workloads ? runningContainers(node, signal) : undefined,
  ]);
  const renewed = lease?.spec?.renewTime;
  return {
    nodes: nodes ?? [],
    pods: (pods ?? []).filter((pod) => workloadOf(pod) !== undefined),
    workloads:
      deployments === undefined || daemonSets === undefined ? undefined : [...deployments, ...daemonSets],
    expected: expectedWorkloads(node),
    running,
    leaseRenewedAt: renewed === undefined ? undefined : new Date(renewed),
    unread: reading.unread,
  };
}

const kindOf = (kind: string) => ({ apiVersion: "apps/v1", kind });

/** What cannot be read is told, and the rest is judged without it. */
function reader(client: KubeClient, signal: AbortSignal) {
  const call = { signal, retries: 0, timeoutMs: limitMs };
  const unread: string[] = [];
  const attempt = async <T>(what: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (err) {
      signal.throwIfAborted();
      if (!(err instanceof Error)) throw err;
      unread.push(`${what} cannot be read: ${err.message}`);
      return undefined;
    }
  };
  return {
    unread,
    list: async <T extends Node | Pod | Workload>(
      kind: { readonly apiVersion: string; readonly kind: string },
      select: { readonly namespace?: string; readonly fieldSelector?: string },
    ) =>
      attempt(
        `the list of ${kind.kind}s`,
        async () => (await client.list<T>(kind, { ...select, ...call })).items,
      ),
    lease: (name: string) =>
      attempt(`the lease of node ${name}`, () =>
        client.find<Lease>({ ...leaseKind, namespace: "kube-node-lease", name }, call),
      ),
  };
}

function expectedWorkloads({ config, k0s, disabled, konnectivity }: ExaminedNode): readonly string[] {
  if (config === undefined) return [];
  const single = k0s.state === "answers" ? k0s.report.SingleNode : !konnectivity;
  return workloadsOf(controllerRole, {
    ...factsBeforeSettings({ kubeletExtraArgs: {}, criSocket: undefined }),
    config,
    single,
    disabledComponents: disabled,
    kubeControllerManagerExtraArgs: {},
  });
}

/** Undefined where the runtime does not answer; another link says so. */
async function runningContainers(
  { paths }: ExaminedNode,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  using client = criClient(paths.containerdSocket);
  try {
    return await client.runningContainers({ signal, timeoutMs: 3_000 });
  } catch (err) {
    signal.throwIfAborted();
    if (err instanceof Error) return undefined;
    throw err;
  }
}
