import { expect, test } from "bun:test";
import type { Lease } from "../../../kube/objects/lease.ts";
import { type EtcdMemberObject, etcdMemberKind, joinedCondition, memberLabels } from "./object.ts";
import { planMember } from "./plan.ts";

const members = [
  { id: "a1", name: "c1", peerUrls: [], isLearner: false },
  { id: "b2", name: "c2", peerUrls: [], isLearner: false },
];

function object(leave: boolean, memberID = "b2"): EtcdMemberObject {
  return {
    ...etcdMemberKind,
    metadata: { name: "c2", labels: { [memberLabels.shutdownOnLeave]: "run-1" } },
    spec: { leave },
    status: { peerAddress: "10.0.0.2", memberID },
  };
}

function held(holderIdentity: string, leaseAgeMs: number): { lease: Lease; leaseAgeMs: number } {
  const lease: Lease = {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: "k0s-ctrl-c2" },
    spec: { holderIdentity, leaseDurationSeconds: 60, renewTime: "2026-01-01T12:00:00Z" },
  };
  return { lease, leaseAgeMs };
}

const facts = { members, own: false, activeControllers: 3, lease: undefined, leaseAgeMs: 0 };

test.each([
  ["a member that stays is left alone", object(false), held("run-1", 0), "present"],
  ["under its old name", { ...object(true), metadata: { name: "c2-old" } }, held("", 400_000), "gone"],
  ["one that has not registered yet is left alone", object(true, ""), held("run-1", 0), "none"],
  ["one that etcd does not know is gone", object(true, "c3"), held("run-1", 0), "gone"],
  ["ids are compared whatever their case", object(false, "B2"), held("run-1", 0), "present"],
  ["one that runs is asked", object(true), held("run-1", 1_000), "ask-to-leave"],
  ["one that ended a moment ago is waited for", object(true), held("", 10_000), "wait"],
  ["one that ended long ago is removed", object(true), held("", 400_000), "remove"],
  ["one that died is removed", object(true), held("run-1", 70_000), "remove"],
  ["one that was started anew, and registers again, is removed", object(true), held("run-2", 0), "remove"],
  ["without a lease nobody knows", object(true), {}, "blocked"],
] as const)("%s", (_, member, lease, action) => {
  expect(planMember({ ...facts, object: member, ...lease }).action).toBe(action);
});

test("where others reach a member is what etcd says", () => {
  const moved = [{ id: "b2", name: "c2", peerUrls: ["https://[fd00::2]:2380"], isLearner: false }];
  expect(planMember({ ...facts, members: moved, object: object(false), lease: undefined })).toEqual({
    action: "present",
    peerAddress: "fd00::2",
  });
});

test("the leader hands over before it leaves, and never leaves alone", () => {
  const own = { ...facts, object: object(true), ...held("run-1", 0), own: true };
  expect(planMember(own).action).toBe("yield");
  expect(planMember({ ...own, activeControllers: 1 }).action).toBe("blocked");
});

test("the time of a condition is that of its last change", () => {
  const at = (text: string) => new Date(text);
  const first = joinedCondition(undefined, { status: "True", message: "x" }, at("2026-01-01T00:00:00Z"));
  const status = { peerAddress: "", memberID: "b2", conditions: [first] };
  const same = joinedCondition(status, { status: "True", message: "y" }, at("2026-01-02T00:00:00Z"));
  expect(same.lastTransitionTime).toBe("2026-01-01T00:00:00Z");
  const other = joinedCondition(status, { status: "False", message: "y" }, at("2026-01-02T00:00:00Z"));
  expect(other.lastTransitionTime).toBe("2026-01-02T00:00:00Z");
});
