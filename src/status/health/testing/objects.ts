// Objects as an API server shows them, for tests of what a node makes of them.

import type { ClusterFacts } from "../cluster-readiness.ts";
import type { OwnNode } from "../node.ts";
import type { ContainerStatus, Pod } from "../../../kube/objects/pod.ts";
import type { Workload } from "../../../kube/objects/workload.ts";

export const now = new Date("2026-11-26T10:00:00Z");
/** When the k0s of the tests started. */
export const startedAt = new Date("2026-11-26T09:55:00Z");

export function node(
  changes: Partial<OwnNode> = {},
  ready = "True",
  message = "kubelet is posting",
): OwnNode {
  return {
    name: "n",
    object: {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: "n" },
      status: {
        conditions: [{ type: "Ready", status: ready, message, lastHeartbeatTime: now.toISOString() }],
      },
    },
    reported: true,
    wasThere: true,
    ...changes,
  };
}

export interface PodPlan {
  readonly name?: string;
  readonly ready?: boolean;
  /** RFC 3339. */
  readonly readySince?: string;
  readonly container?: ContainerStatus;
  /** Default: that of the node `n`; `null`: not scheduled, with the reason. */
  readonly nodeName?: string | null;
  readonly owner?: { readonly kind: string; readonly name: string };
}

export function pod(plan: PodPlan = {}): Pod {
  const { name = "coredns-5f-x", ready = true, nodeName = "n", owner, readySince } = plan;
  const { kind, name: ownerName } = owner ?? { kind: "ReplicaSet", name: "coredns-5f" };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: "kube-system",
      uid: `uid-of-${name}`,
      ownerReferences: [{ apiVersion: "apps/v1", kind, name: ownerName, uid: "u", controller: true }],
    },
    spec: nodeName === null ? {} : { nodeName },
    status: {
      phase: ready ? "Running" : "Pending",
      conditions: [
        {
          type: "Ready",
          status: ready ? "True" : "False",
          ...(readySince === undefined ? {} : { lastTransitionTime: readySince }),
        },
        ...(nodeName === null
          ? [{ type: "PodScheduled", status: "False", message: "0/1 nodes are available" }]
          : []),
      ],
      containerStatuses:
        plan.container === undefined ? [{ containerID: `containerd://${name}` }] : [plan.container],
    },
  };
}

export function deployment(name: string, ready = 1, replicas = 1): Workload {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, generation: 2 },
    spec: { replicas },
    status: { observedGeneration: 2, updatedReplicas: ready, readyReplicas: ready },
  };
}

export const daemonSet = (name: string): Workload => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name },
});

/** A node that is well: CoreDNS is all that it has. */
export function facts(changes: Partial<ClusterFacts> = {}): ClusterFacts {
  const pods = changes.pods ?? [pod()];
  return {
    node: node(),
    pods,
    workloads: [deployment("coredns")],
    expected: ["coredns"],
    running: new Set(pods.map(({ metadata }) => metadata.name ?? "")),
    startedAt,
    now,
    ...changes,
  };
}
