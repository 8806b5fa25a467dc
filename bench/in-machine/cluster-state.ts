// What a program in the machine under measurement can see of the cluster: is the API ready, the node, every system pod.

import { access } from "node:fs/promises";
import { kubeClientFromKubeconfig } from "../../src/kube/kubeconfig-client.ts";
import type { KubeClient } from "../../src/kube/client.ts";
import type { KubeResource } from "../../src/kube/types.ts";
import { pollUntil } from "../../src/std/wait.ts";

const ownConfig = "/var/lib/k0s/pki/admin.conf";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly lastHeartbeatTime?: string;
}

interface Pod extends KubeResource {
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly {
      readonly state?: { readonly running?: { readonly startedAt?: string } };
    }[];
  };
}

interface Node extends KubeResource {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

interface Workload extends KubeResource {
  readonly spec?: { readonly replicas?: number };
}

const isReady = (conditions: readonly Condition[] = []): boolean =>
  conditions.some(({ type, status }) => type === "Ready" && status === "True");

export async function openClient(kubeconfig = ownConfig): Promise<KubeClient> {
  await pollUntil(() => access(kubeconfig).then(() => true), {
    what: kubeconfig,
    intervalMs: 20,
    timeoutMs: 240_000,
  });
  // Under a name of its own: requests of k0s are counted, too.
  return await kubeClientFromKubeconfig(kubeconfig, { userAgent: "bench" });
}

export async function apiReady(client: KubeClient): Promise<boolean> {
  const answer = await client.raw("/readyz", { retries: 0, timeoutMs: 1_000 });
  await answer.body?.cancel();
  return answer.ok;
}

/** Every node is Ready, and its kubelet of after `since` has said so: before that the API only remembers. */
export async function nodeReady(client: KubeClient, since: number): Promise<boolean> {
  const { items: nodes } = await client.list<Node>({ apiVersion: "v1", kind: "Node" });
  return (
    nodes.length > 0 &&
    nodes.every(({ status }) =>
      (status?.conditions ?? []).some(
        ({ type, status: value, lastHeartbeatTime }) =>
          type === "Ready" && value === "True" && isSince(lastHeartbeatTime, since),
      ),
    )
  );
}

/** Times in the API have whole seconds. */
const isSince = (time: string | undefined, since: number): boolean => Date.parse(time ?? "") >= since - 1_000;

/** Every pod that the system's workloads want is there, Ready, and runs since `since`. */
export async function podsReady(client: KubeClient, since: number): Promise<boolean> {
  const inSystem = { namespace: "kube-system" };
  const [pods, deployments, daemonSets] = await Promise.all([
    client.list<Pod>({ apiVersion: "v1", kind: "Pod" }, inSystem),
    client.list<Workload>({ apiVersion: "apps/v1", kind: "Deployment" }, inSystem),
    client.list<Workload>({ apiVersion: "apps/v1", kind: "DaemonSet" }, inSystem),
  ]);
  // CoreDNS, metrics-server, the network's DaemonSet.
  if (deployments.items.length < 2 || daemonSets.items.length === 0) return false;
  const wanted =
    deployments.items.reduce((sum, { spec }) => sum + (spec?.replicas ?? 1), 0) + daemonSets.items.length;
  const ready = pods.items.filter(
    ({ status }) =>
      isReady(status?.conditions) &&
      (status?.containerStatuses ?? []).every(({ state }) => isSince(state?.running?.startedAt, since)),
  );
  return ready.length >= wanted && ready.length === pods.items.length;
}
