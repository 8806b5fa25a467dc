import { expect, test } from "bun:test";
import type { Node } from "../../../kube/objects/node.ts";
import { all } from "../finding.ts";
import { examined, findingsOf, now, whatOf } from "../testdata/examined.ts";
import { judgeNode } from "./node.ts";

const node = (name: string, status = "True", message = "kubelet is posting ready status"): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name },
  status: { conditions: [{ type: "Ready", status, message, lastTransitionTime: "2026-11-26T09:00:00Z" }] },
});
const view = (...nodes: readonly Node[]) => ({ nodes, leaseRenewedAt: now, unread: [] });

test("nodes that are Ready are well; what the API server does not show is not seen", () => {
  expect(judgeNode(view(node("n"), node("other")), examined())).toEqual({ state: "well" });
  expect(judgeNode(undefined, examined()).state).toBe("unseen");
});

test("one that is not Ready comes with its condition", () => {
  const [finding] = findingsOf(judgeNode(view(node("n", "False", "PLEG is not healthy")), examined()));
  expect(finding?.what).toBe("node n is not Ready: PLEG is not healthy");
  expect(finding?.evidence[0]).toBe("condition Ready=False since 2026-11-26T09:00:00Z: PLEG is not healthy");
  expect(finding?.explains).toEqual(all("CNI", "DNS", "system pods"));
});

test("that it lacks a network does not explain why it has none", () => {
  const message = "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady";
  const [finding] = findingsOf(judgeNode(view(node("n", "False", message)), examined()));
  expect(finding?.about).toBe("network");
  expect(finding?.explains).toEqual(all("DNS", "system pods"));
});

test("one that was deleted ends kube-proxy", () => {
  const [finding] = findingsOf(judgeNode(view(), examined()));
  expect(finding?.what).toBe("node n was deleted from the cluster");
  expect(finding?.explains).toContainEqual({ link: "processes", about: "kube-proxy" });
});

test("a kubelet that has stopped renewing its lease is named before the control plane gives the node up", () => {
  const late = { ...view(node("n")), leaseRenewedAt: new Date(now.getTime() - 60_000) };
  expect(whatOf(judgeNode(late, examined()))).toEqual([
    "kubelet has not renewed the lease of node n for 1m0s",
  ]);
});

test("a controller names other nodes, five at most", () => {
  const others = Array.from({ length: 9 }, (_, at) => node(`w${at}`, "Unknown", "Kubelet stopped posting"));
  const findings = findingsOf(judgeNode(view(node("n"), ...others), examined()));
  expect(findings).toHaveLength(5);
  expect(findings[0]?.remedy).toBe("run `k0s doctor` on w0");
});

test("a node that waits for a cloud provider is named once it is not new any more", () => {
  const waiting = (createdMsAgo: number): Node => ({
    ...node("w"),
    metadata: { name: "w", creationTimestamp: new Date(now.getTime() - createdMsAgo).toISOString() },
    spec: {
      taints: [
        { key: "node.cloudprovider.kubernetes.io/uninitialized", value: "true", effect: "NoSchedule" },
      ],
    },
  });
  expect(judgeNode(view(node("n"), waiting(5_000)), examined())).toEqual({ state: "well" });
  const [finding] = findingsOf(judgeNode(view(node("n"), waiting(300_000)), examined()));
  expect(finding?.what).toStartWith("node w waits for a cloud provider");
  expect(finding?.remedy).toContain("--enable-k0s-cloud-provider");
  expect(finding?.explains).toEqual(all("DNS", "system pods"));
});
