import { describe, expect, test } from "bun:test";
import type { ClusterFacts } from "../health/cluster-readiness.ts";
import { clusterProblems, standingKeys, startPatienceMs } from "./cluster.ts";
import { problemText } from "./problem.ts";
import { standingClock } from "./standing.ts";
import { deployment, facts, node, pod } from "../health/testing/objects.ts";

const sentences = (changes: Partial<ClusterFacts>, standingMs: number): string[] =>
  clusterProblems(facts(changes), () => standingMs).map(problemText);

const waiting = (reason: string, message?: string) => ({
  state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
});

test("a node that is well has no problem", () => {
  expect(sentences({}, startPatienceMs)).toEqual([]);
});

const waitingForProvider = { key: "node.cloudprovider.kubernetes.io/uninitialized", effect: "NoSchedule" };

const atOnce: readonly (readonly [name: string, changes: Partial<ClusterFacts>, text: RegExp])[] = [
  ["never registered", { node: node({ object: undefined, wasThere: false }) }, /^node n is not registered; /],
  ["deleted", { node: node({ object: undefined }) }, /^node n was deleted from the cluster; .*restart k0s$/],
  [
    "not Ready",
    { node: node({}, "False", "cni plugin not initialized") },
    /^node n is not Ready: cni plugin/,
  ],
  [
    "silent",
    { node: node({ reported: false }) },
    /^kubelet has not reported about node n since k0s started$/,
  ],
  [
    "waits for a cloud provider",
    { node: node({ object: { ...node().object!, spec: { taints: [waitingForProvider] } } }) },
    /^node n waits for a cloud provider, .*; deploy one, or start the controllers with --enable-k0s-cloud-provider$/,
  ],
  [
    "a program that crashes",
    {
      pods: [
        pod({
          ready: false,
          container: {
            restartCount: 5,
            ...waiting("CrashLoopBackOff", "back-off 5m0s"),
            lastState: {
              terminated: { exitCode: 1, reason: "Error", message: "starting\n[FATAL] plugin/loop: Loop" },
            },
          },
        }),
      ],
    },
    /^system pod coredns-5f-x ends again and again: CrashLoopBackOff, 5 restarts: exited with code 1: \[FATAL\] plugin\/loop: Loop; on a controller, `k0s kubectl -n kube-system logs coredns-5f-x --previous`/,
  ],
  [
    "a program that somebody ends",
    {
      pods: [
        pod({
          ready: false,
          container: {
            restartCount: 1,
            ...waiting("CrashLoopBackOff"),
            lastState: { terminated: { exitCode: 137, reason: "Error", message: "I1126 all is well" } },
          },
        }),
      ],
    },
    /^system pod coredns-5f-x ends again and again: CrashLoopBackOff, 1 restart: was killed \(SIGKILL\); on a controller, /,
  ],
  [
    "an image that is missing",
    { pods: [pod({ ready: false, container: waiting("ErrImagePull", "not found") })] },
    /^system pod coredns-5f-x has no image: ErrImagePull: not found; a restart of k0s/,
  ],
  [
    "an init container that crashes",
    {
      pods: [
        {
          ...pod({ ready: false, container: waiting("PodInitializing") }),
          status: { initContainerStatuses: [waiting("CrashLoopBackOff")] },
        },
      ],
    },
    /ends again and again: CrashLoopBackOff/,
  ],
];
describe("is a problem at once", () => {
  test.each(atOnce)("%s", (_, changes, text) => {
    const [first, ...others] = sentences(changes, 0);
    expect(first).toMatch(text);
    expect(others).toEqual([]);
  });
});

const later: readonly (readonly [name: string, changes: Partial<ClusterFacts>, text: string])[] = [
  [
    "a pod that is being made",
    { pods: [pod({ ready: false, container: waiting("ContainerCreating") })] },
    "system pod coredns-5f-x has not become ready: ContainerCreating; ",
  ],
  [
    "a pod that nobody schedules",
    { pods: [pod({ ready: false, nodeName: null })] },
    "system pod coredns-5f-x has not become ready: not scheduled: 0/1 nodes are available; ",
  ],
  [
    "a workload without pods",
    { pods: [], workloads: [deployment("coredns", 0)] },
    "waiting for coredns (0 of 1 pods ready)",
  ],
  ["a workload that nobody deploys", { pods: [], workloads: [] }, "waiting for coredns to be created"],
];
describe("is a problem after a minute only", () => {
  test.each(later)("%s", (_, changes, text) => {
    expect(sentences(changes, startPatienceMs - 1)).toEqual([]);
    expect(sentences(changes, startPatienceMs).join()).toStartWith(text);
  });
});

test("where kubelet says nothing, what is written of its pods is of the past", () => {
  const crashing = pod({ ready: false, container: waiting("CrashLoopBackOff") });
  expect(sentences({ node: node({ object: undefined }), pods: [crashing] }, startPatienceMs)).toHaveLength(1);
});

test("pressure is named with kubelet's words", () => {
  const { object, ...rest } = node();
  const conditions = [
    { type: "Ready", status: "True" },
    { type: "DiskPressure", status: "True", message: "kubelet has disk pressure" },
  ];
  const pressed = { ...rest, object: { ...object!, status: { conditions } } };
  expect(sentences({ node: pressed }, 0)).toEqual([
    "node n has DiskPressure: kubelet has disk pressure; pods are evicted until there is room",
  ]);
});

test("a controller that runs no pods does not answer for pods elsewhere", () => {
  const { node: _, ...controller } = facts({ pods: [], workloads: [deployment("coredns", 0)] });
  expect(clusterProblems(controller, () => startPatienceMs)).toEqual([]);
});

test("what comes and goes begins anew; what stays is timed from its first sight", () => {
  let at = 0;
  const clock = standingClock(() => at);
  const keys = standingKeys(facts({ pods: [pod({ ready: false })], workloads: [] }));
  expect(keys).toEqual(["uid-of-coredns-5f-x", "coredns to be created"]);
  clock.see(keys);
  at = 50_000;
  clock.see(keys);
  expect(clock.since("uid-of-coredns-5f-x")).toBe(50_000);
  clock.see([]);
  expect(clock.since("uid-of-coredns-5f-x")).toBe(0);
  clock.see(keys);
  at = 60_000;
  expect(clock.since("uid-of-coredns-5f-x")).toBe(10_000);
});
