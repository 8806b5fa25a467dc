import { describe, expect, test } from "bun:test";
import { KubeError } from "../kube/errors.ts";
import type { StackStep } from "./plan-stack.ts";
import { StackError, stepFailure } from "./stack-failure.ts";
import { BadManifests } from "./stack-files.ts";
import { nextStatus, unmanagedStatus } from "./stack-status.ts";
import type { PassReport, StackStatus } from "./stack-status.ts";
import { statusData, statusesOf } from "./status-object.ts";

const ref = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", namespace: "default", name });
const context = (at: string) => ({ controller: "one", at });
const done = (
  result: Partial<Extract<PassReport, { outcome: "done" }>["result"]>,
  objects = 1,
): PassReport => ({
  outcome: "done",
  result: {
    steps: [],
    failure: undefined,
    changes: 0,
    repaired: [],
    left: [],
    twice: [],
    incomplete: [],
    ...result,
  },
  reading: {
    objects: Array.from({ length: objects }, (_none, line) => ({
      object: { ...ref("a"), metadata: {} },
      file: "a.yaml",
      line,
    })),
    ignored: [],
  },
});
const failed = (...failures: [name: string, err: unknown][]) =>
  done({ failure: new StackError(failures.map(([name, err]) => stepFailure(ref(name), "a.yaml:3", err))) });
const unknown = new KubeError({
  status: 404,
  reason: "NoKindMatch",
  message: "the API server knows no kind Tab",
});
const refused = new KubeError({ status: 422, reason: "Invalid", message: "no" });
const wait = (ms: number | undefined): StackStep => ({
  action: "wait",
  ref: ref("a"),
  uid: "u",
  why: "soon",
  ms,
});
const keep: StackStep = { action: "keep", ref: ref("a"), uid: "u", why: "not ours" };

describe("the phase", () => {
  test.each<[string, PassReport]>([
    ["Applied", done({})],
    ["Applied", done({ steps: [keep] })],
    ["Waiting", failed(["a", unknown], ["b", unknown])],
    ["Failed", failed(["a", unknown], ["b", refused])],
    ["Failed", done({ failure: new Error("the end") })],
    ["Failed", { outcome: "failed", err: new Error("connection refused") }],
    ["Removing", done({ steps: [wait(15_000), keep] }, 0)],
    ["Kept", done({ steps: [wait(undefined)] }, 0)],
    ["Kept", done({ steps: [keep] }, 0)],
    ["Empty", done({}, 0)],
  ])("%s", (phase, report) => {
    expect(nextStatus(undefined, report, context("t1")).phase).toBe(phase as never);
  });
});

test("a pass that changes nothing changes no word of the status", () => {
  const first = nextStatus(undefined, done({ changes: 2, steps: [wait(9_000)] }), context("t1"));
  expect(first).toMatchObject({ phase: "Applied", since: "t1", changedAt: "t1", objects: 1 });
  expect(nextStatus(first, done({ steps: [wait(8_000)] }), context("t2"))).toEqual(first);
});

test("what the maker of its manifests says of it is among the notes", () => {
  const report = { ...done({ incomplete: ["field not declared"] }), notes: ["a patch names nothing"] };
  expect(nextStatus(undefined, report, context("1")).notes).toEqual([
    "a patch names nothing",
    "field not declared",
  ]);
});

test("what failed is named with file and line, and what was known of the objects stays", () => {
  const status = nextStatus(undefined, failed(["a", refused]), context("t1"));
  expect(status.problems).toEqual([{ object: "ConfigMap default/a", place: "a.yaml:3", message: "no" }]);
  const before = nextStatus(undefined, done({ steps: [keep] }, 3), context("t1"));
  const bad = {
    outcome: "failed",
    err: new BadManifests(["/m/s/a.yaml:1:2  bad", "/m/s/b.yaml:3  bad"]),
  } as const;
  expect(nextStatus(before, bad, context("t2"))).toMatchObject({
    phase: "Failed",
    since: "t2",
    objects: 3,
    problems: [{ message: "/m/s/a.yaml:1:2  bad" }, { message: "/m/s/b.yaml:3  bad" }],
    kept: [{ objects: ["ConfigMap default/a"], why: "not ours" }],
  });
});

test("repairs are counted, and the last one is named", () => {
  const first = nextStatus(undefined, done({ repaired: [ref("a")], changes: 1 }), context("t1"));
  const second = nextStatus(first, done({ repaired: [ref("b")], changes: 1 }), context("t2"));
  expect(second.repaired).toEqual({ at: "t2", times: 2, objects: ["ConfigMap default/b"] });
  expect(nextStatus(second, done({}), context("t3")).repaired).toEqual(second.repaired);
});

describe("what is long is cut", () => {
  const many = Array.from({ length: 2_000 }, (_none, at): [string, unknown] => [
    `a${at}`,
    new Error("x".repeat(5_000)),
  ]);
  const status = nextStatus(undefined, failed(...many), context("t1"));

  test("one entry stays below 8 KiB, whatever failed", () => {
    expect(status.moreProblems).toBe(1_990);
    expect(JSON.stringify(status).length).toBeLessThan(8_192);
  });

  test("many entries stay below what the server takes: the longest lose their details first", () => {
    const healthy = nextStatus(undefined, done({}), context("t1"));
    const statuses = new Map<string, StackStatus>([["healthy", healthy]]);
    for (let at = 0; at < 500; at++) statuses.set(`bad-${at}`, status);
    const data = statusData(statuses);
    expect(JSON.stringify(data).length).toBeLessThan(1_048_576);
    const read = statusesOf(data);
    expect(read.size).toBe(501);
    expect(read.get("healthy")).toEqual(healthy);
    expect([...read.values()].filter(({ phase }) => phase === "Failed")).toHaveLength(500);
  });
});

test("what cannot be read is left out, and a stack of another controller says so", () => {
  expect(statusesOf({ a: "{", b: '{"phase":"New"}', c: "1" }).size).toBe(0);
  const first = unmanagedStatus(undefined, 2, context("t1"));
  expect(first).toMatchObject({ phase: "Unmanaged", objects: 2, since: "t1" });
  expect(unmanagedStatus(first, 2, context("t2"))).toEqual(first);
});
