// Follows a starting single node until its cluster is usable and says what is being waited for.

import type { KubeClient } from "../kube/client.ts";
import { describeWait } from "./describe-wait.ts";
import {
  isNodeReady,
  type NodeObject,
  type PodObject,
  systemPodsVerdict,
  type Workload,
} from "./cluster-readiness.ts";
import { sleep } from "../std/wait.ts";
import type { Progress } from "../std/progress.ts";

export interface WaitReadyOptions {
  readonly client: KubeClient;
  readonly nodeName: string;
  /** System workloads that must exist, e.g. `coredns`. */
  readonly expected: readonly string[];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const intervalMs = 250;
const node = { apiVersion: "v1", kind: "Node" };
const pod = { apiVersion: "v1", kind: "Pod" };
const workloadKinds = [
  { apiVersion: "apps/v1", kind: "Deployment" },
  { apiVersion: "apps/v1", kind: "DaemonSet" },
];

/** Resolves when the node and every system pod are Ready. Waits until then, however long: the signal ends it. */
export async function waitClusterReady(options: WaitReadyOptions): Promise<void> {
  await waitNodeReady(options);
  await waitSystemPods(options);
}

/** Resolves when kubelet has registered the node and it is Ready. */
export async function waitNodeReady({
  client,
  nodeName,
  progress,
  signal,
}: Omit<WaitReadyOptions, "expected">): Promise<void> {
  const step = progress.step(`node ${nodeName} Ready`);
  for (;;) {
    const found = await client.find<NodeObject>({ ...node, name: nodeName }, { signal });
    if (found !== undefined && isNodeReady(found)) break;
    progress.wait(found === undefined ? "kubelet to register the node" : describeNode(found));
    await sleep(intervalMs, signal);
  }
  step.done();
}

async function waitSystemPods({ client, expected, progress, signal }: WaitReadyOptions): Promise<void> {
  const step = progress.step("cluster DNS, network, metrics ready");
  for (;;) {
    const namespace = { namespace: "kube-system", signal };
    const [pods, ...workloads] = await Promise.all([
      client.list<PodObject>(pod, namespace),
      ...workloadKinds.map((kind) => client.list<Workload>(kind, namespace)),
    ]);
    const verdict = systemPodsVerdict(
      expected,
      workloads.flatMap(({ items }) => items),
      pods.items,
    );
    if (verdict.waitingFor.length === 0) {
      step.done(`${verdict.ready} pods`);
      return;
    }
    progress.wait(describeWait(verdict.waitingFor));
    await sleep(intervalMs, signal);
  }
}

function describeNode(found: NodeObject): string {
  const ready = found.status?.conditions?.find(({ type }) => type === "Ready") as
    | { message?: string }
    | undefined;
  return ready?.message === undefined ? "the node" : `the node: ${ready.message}`;
}
