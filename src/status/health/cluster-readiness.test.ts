import { describe, expect, test } from "bun:test";
import { type ClusterFacts, readinessOf } from "./cluster-readiness.ts";
import { daemonSet, deployment, facts, node, now, pod } from "./testing/objects.ts";

test("a node that is Ready with its pods is ready", () => {
  expect(readinessOf(facts())).toEqual({ ready: true, nodeReady: true, waitingFor: [], readyPods: 1 });
});

const waits: readonly (readonly [name: string, changes: Partial<ClusterFacts>, waitingFor: string])[] = [
  ["a node that does not exist", { node: node({ object: undefined }) }, "kubelet to register the node"],
  ["a report of before this start", { node: node({ reported: false }) }, "kubelet's first report"],
  ["a node that is not Ready", { node: node({}, "False", "no network") }, "the node: no network"],
  [
    "a node that has gone silent",
    { node: node({}, "Unknown", "Kubelet stopped") },
    "the node: Kubelet stopped",
  ],
  ["a silent runtime", { running: undefined }, "the container runtime"],
  ["a workload that does not exist yet", { workloads: [] }, "coredns to be created"],
  [
    "a workload that was just changed",
    { workloads: [{ ...deployment("coredns"), metadata: { name: "coredns", generation: 3 } }] },
    "coredns (its controller has not seen it yet)",
  ],
  [
    "a pod that is missing",
    { pods: [], workloads: [deployment("coredns", 1, 2)] },
    "coredns (1 of 2 pods ready)",
  ],
  [
    "a DaemonSet without a pod here",
    { expected: ["calico-node"], workloads: [daemonSet("calico-node")] },
    "calico-node to get a pod on this node",
  ],
  [
    "a pod that cannot be scheduled",
    { pods: [pod({ ready: false, nodeName: null })] },
    "coredns-5f-x (not scheduled: 0/1 nodes are available)",
  ],
  [
    "an image that is missing",
    {
      pods: [
        pod({
          ready: false,
          container: { state: { waiting: { reason: "ImagePullBackOff", message: "no" } } },
        }),
      ],
    },
    "coredns-5f-x (ImagePullBackOff: no)",
  ],
  [
    "a pod of before the reboot",
    { running: new Set(["another"]) },
    "coredns-5f-x (its containers are not started yet)",
  ],
  [
    "a pod between two crashes",
    {
      pods: [
        pod({
          readySince: new Date(now.getTime() - 1_000).toISOString(),
          container: {
            containerID: "containerd://c",
            lastState: { terminated: { exitCode: 1, reason: "Error", startedAt: "2026-11-26T09:59:30Z" } },
          },
        }),
      ],
      running: new Set(["c"]),
    },
    "coredns-5f-x (it has just ended once: exited with code 1)",
  ],
];
describe("waits for", () => {
  test.each(waits)("%s", (_, changes, waitingFor) => {
    const { ready, waitingFor: all } = readinessOf(facts(changes));
    expect(all).toEqual([waitingFor]);
    expect(ready).toBe(false);
  });
});

const ends: readonly (readonly [name: string, changes: Partial<ClusterFacts>])[] = [
  [
    "a pod that is on its way out",
    { pods: [{ ...pod({ ready: false }), metadata: { deletionTimestamp: "x" } }] },
  ],
  [
    "a pod that this node's reboot ended, and that is back",
    {
      pods: [
        pod({
          readySince: now.toISOString(),
          container: {
            containerID: "containerd://c",
            lastState: {
              terminated: { exitCode: 255, reason: "Unknown", startedAt: "2026-11-25T00:00:00Z" },
            },
          },
        }),
      ],
      running: new Set(["c"]),
    },
  ],
  [
    "a pod on another node, whose containers nobody here sees",
    { pods: [pod({ nodeName: "other" })], running: new Set() },
  ],
  ["a worker, which may not see workloads", { expected: [] }],
];
describe("does not wait for", () => {
  test.each(ends)("%s", (_, changes) => {
    const { workloads: _workloads, ...worker } = facts(changes);
    expect(readinessOf(changes.expected === undefined ? facts(changes) : worker).waitingFor).toEqual([]);
  });
});

test("a controller without pods waits for its workloads alone", () => {
  const { node: _, ...controller } = facts({ pods: [], running: undefined });
  expect(readinessOf(controller).ready).toBe(true);
  expect(readinessOf({ ...controller, workloads: [deployment("coredns", 0)] }).waitingFor).toEqual([
    "coredns (0 of 1 pods ready)",
  ]);
});
