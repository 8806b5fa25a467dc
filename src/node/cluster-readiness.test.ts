import { expect, test } from "bun:test";
import { isNodeReady, type PodObject, systemPodsVerdict, type Workload } from "./cluster-readiness.ts";

const pod = (name: string, ready: boolean, reason?: string): PodObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  status: {
    phase: ready ? "Running" : "Pending",
    conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
    ...(reason === undefined ? {} : { containerStatuses: [{ state: { waiting: { reason } } }] }),
  },
});

const deployment = (name: string, replicas = 1): Workload => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: { replicas },
});

test("a workload that does not exist yet is waited for by name", () => {
  const verdict = systemPodsVerdict(["coredns"], [], []);
  expect(verdict.waitingFor).toEqual(["coredns to be created"]);
});

test("pods that are not ready are named with their reason", () => {
  const verdict = systemPodsVerdict(
    ["coredns"],
    [deployment("coredns")],
    [pod("coredns-1", false, "ImagePullBackOff")],
  );
  expect(verdict).toEqual({ ready: 0, wanted: 1, waitingFor: ["coredns-1 (ImagePullBackOff)"] });
});

test("a pod that is still to be created counts", () => {
  expect(systemPodsVerdict([], [deployment("web", 2)], [pod("web-1", true)]).waitingFor).toEqual([
    "1 more pods to be created",
  ]);
});

test("everything ready means nothing to wait for", () => {
  expect(
    systemPodsVerdict(["coredns"], [deployment("coredns")], [pod("coredns-1", true)]).waitingFor,
  ).toEqual([]);
});

test("a DaemonSet that nobody has looked at wants one pod", () => {
  const daemonSet: Workload = {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "calico-node" },
    status: {},
  };
  expect(systemPodsVerdict([], [daemonSet], []).waitingFor).toHaveLength(1);
});

test("a node is ready by its condition only", () => {
  expect(
    isNodeReady({
      apiVersion: "v1",
      kind: "Node",
      metadata: {},
      status: { conditions: [{ type: "Ready", status: "Unknown" }] },
    }),
  ).toBe(false);
});
