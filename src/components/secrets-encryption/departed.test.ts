import { expect, test } from "bun:test";
import { KubeError } from "../../kube/errors.ts";
import type { EtcdMemberObject } from "../etcd/members/object.ts";
import { departedControllers, departedOf } from "./departed.ts";
import { controllersOf } from "./shared-state.ts";

const member = (name: string, status?: "True" | "False" | "Unknown", lease = name): EtcdMemberObject => ({
  apiVersion: "etcd.k0sproject.io/v1beta1",
  kind: "EtcdMember",
  metadata: {
    name,
    annotations: { "k0s.k0sproject.io/controller-lease-name": `k0s-ctrl-${lease}` },
  },
  status: {
    peerAddress: "192.0.2.1",
    memberID: "1",
    ...(status === undefined
      ? {}
      : { conditions: [{ type: "Joined", status, lastTransitionTime: "2026-01-01T00:00:00Z" }] }),
  },
});
const report = { revision: 3, wants: true };
const now = Date.parse("2026-01-01T00:00:00Z");

test("only who is a member no more has departed", () => {
  expect(departedOf([member("a", "True"), member("b", "False"), member("c")])).toEqual(new Set(["b"]));
});

test("who is a member under another name, or is about to be one again, has not", () => {
  expect(departedOf([member("old", "False", "b"), member("b", "True", "b")])).toEqual(new Set());
  expect(departedOf([member("old", "False", "b"), member("b", undefined, "b")])).toEqual(new Set());
});

test("where etcd is not k0s' own nobody has, and another error is one", async () => {
  const failing = (status: number) => ({
    list: () => Promise.reject(new KubeError({ status, reason: "", message: "no" })),
  });
  expect(await departedControllers(failing(404), undefined)).toEqual(new Set());
  const other: unknown = await departedControllers(failing(403), undefined).catch((err: unknown) => err);
  expect(other).toBeInstanceOf(KubeError);
});

test("nobody waits for a lease that it has left, but for one that is down", () => {
  const state = { reports: new Map([["b", report]]), joining: new Map<string, number>() };
  expect(controllersOf(state, ["a", "b", "c"], now, new Set(["b"]))).toEqual(["a", "c"]);
});

test("one that has left and asks to join again is waited for, whatever it has said before", () => {
  const state = { reports: new Map([["b", report]]), joining: new Map([["b", now - 1_000]]) };
  expect(controllersOf(state, ["a", "b"], now, new Set(["b"]))).toEqual(["a", "b"]);
  expect(controllersOf(state, ["a", "b"], now + 3_600_000, new Set(["b"]))).toEqual(["a"]);
});
