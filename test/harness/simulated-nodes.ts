// Nodes that exist only as objects, as large as real ones, and stacks of manifests: for tests and measurements of growth.

import type { KubeClient } from "../../src/kube/client.ts";
import { leaseKind, microTime } from "../../src/kube/objects/lease.ts";
import type { KubeObject } from "../../src/kube/types.ts";

export const simulatedNodeName = (index: number): string => `sim-${String(index).padStart(4, "0")}`;

/** 11 kB, most of it the list of images, as on a node that has run for a while. */
export function simulatedNode(index: number): KubeObject {
  const name = simulatedNodeName(index);
  const digest = (image: number): string => `${image}`.padStart(64, "0");
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        simulated: "true",
      },
      annotations: { "volumes.kubernetes.io/controller-managed-attach-detach": "true" },
    },
    // Nothing is to run there.
    spec: { taints: [{ key: "simulated", effect: "NoSchedule" }] },
    status: {
      addresses: [
        { type: "InternalIP", address: `10.${128 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}` },
        { type: "Hostname", address: name },
      ],
      capacity: { cpu: "8", memory: "32Gi", pods: "110" },
      allocatable: { cpu: "8", memory: "32Gi", pods: "110" },
      conditions: [
        {
          type: "Ready",
          status: "True",
          reason: "KubeletReady",
          message: "kubelet is posting ready status",
          lastHeartbeatTime: "2026-01-01T00:00:00Z",
          lastTransitionTime: "2026-01-01T00:00:00Z",
        },
      ],
      images: Array.from({ length: 50 }, (_, image) => ({
        names: [
          `registry.example/team/image-${image}@sha256:${digest(image)}`,
          `registry.example/team/image-${image}:v1.${image}`,
        ],
        sizeBytes: 100_000_000 + image,
      })),
    },
  };
}

/** Makes nodes with their statuses, `parallel` at a time. */
export async function createSimulatedNodes(client: KubeClient, count: number, parallel = 16): Promise<void> {
  await eachOf(count, parallel, async (index) => {
    const { status, ...node } = simulatedNode(index);
    const created = await client.create<KubeObject>(node);
    await client.update<KubeObject>({ ...created, status }, { subresource: "status" });
  });
}

/** The lease by which a kubelet says that it lives, made or renewed. */
export async function renewSimulatedLeases(client: KubeClient, count: number, parallel = 16): Promise<void> {
  await eachOf(count, parallel, async (index) => {
    const name = simulatedNodeName(index);
    const metadata = { name, namespace: "kube-node-lease" };
    const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTime(Date.now()) };
    await client.apply({ ...leaseKind, metadata, spec }, { fieldManager: "sim", force: true });
  });
}

/** The manifests of one stack: five objects of four kinds, as JSON, which is YAML. */
export function simulatedStack(index: number): string {
  const name = `sim-${index}`;
  const metadata = { name, namespace: "default" };
  const labels = { app: name };
  const objects = [
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: { text: "x".repeat(500) } },
    { apiVersion: "v1", kind: "ConfigMap", metadata: { ...metadata, name: `${name}-b` }, data: { a: "b" } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    { apiVersion: "v1", kind: "Secret", metadata, stringData: { key: name } },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata,
      spec: { podSelector: { matchLabels: labels }, policyTypes: ["Ingress"] },
    },
  ];
  return objects.map((object) => JSON.stringify(object)).join("\n---\n");
}

/** Does `work` for 0 to `count` - 1, `parallel` at a time. */
export async function eachOf(
  count: number,
  parallel: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: parallel }, lane));
}
