import { expect, test } from "bun:test";
import type { NodeStatus } from "./node-status.ts";
import { createPatience, type NodeReport, whatIsMissing } from "./patience.ts";

const rules = { restarts: 5, downMs: 30_000, standstillMs: 300_000 };
const backingOff =
  "kube-scheduler is backing off: exited with code 1 (7 restarts, next try in 12s): unknown flag: --x";

function report(machine: string, changes: Partial<NodeStatus> = {}): NodeReport {
  return {
    machine,
    status: {
      Healthy: true,
      Version: "v",
      Role: "controller",
      Workloads: true,
      Problems: [],
      Cluster: { Ready: true, WaitingFor: [] },
      Components: [],
      ...changes,
    },
  };
}

const failing = (restarts: number): NodeReport =>
  report("m0", {
    Problems: ["the disk is full", backingOff.replace("7 restarts", `${restarts} restarts`)],
    Components: [{ name: "kube-scheduler", state: "backing-off", restarts, since: "" }],
  });

test("what is missing is told by machine, the first problem of each", () => {
  expect(whatIsMissing([report("m0"), report("m1")])).toEqual([]);
  expect(
    whatIsMissing([
      { machine: "m0", status: undefined },
      report("m1", { Problems: ["a", "b"] }),
      report("m2", { Cluster: { Ready: false, WaitingFor: ["coredns (0 of 1 pods ready)", "x"] } }),
    ]),
  ).toEqual(["m0: k0s to answer", "m1: a", "m2: coredns (0 of 1 pods ready)"]);
});

test("a process that ends again and again is given up with its own words", () => {
  let at = 0;
  const patience = createPatience(rules, () => at);
  expect(patience.lost([failing(3)])).toBeUndefined();
  at = 60_000;
  expect(patience.lost([failing(7)])).toBeUndefined();
  at = 89_999;
  expect(patience.lost([failing(8)])).toBeUndefined();
  at = 90_000;
  expect(patience.lost([failing(8)])).toContain(
    "m0: kube-scheduler is backing off: exited with code 1 (8 restarts",
  );
});

test("one that got well in between is not", () => {
  let at = 0;
  const patience = createPatience(rules, () => at);
  patience.lost([failing(7)]);
  at = 20_000;
  patience.lost([report("m0")]);
  at = 45_000;
  expect(patience.lost([failing(7)])).toBeUndefined();
});

test("as long as something changes it goes on; numbers that count on are no change", () => {
  let at = 0;
  const patience = createPatience(rules, () => at);
  const waiting = (text: string): NodeReport[] => [report("m1", { Problems: [text] })];
  for (const text of ["node a is not Ready", "system pod c has not become ready"]) {
    expect(patience.lost(waiting(text))).toBeUndefined();
    at += 299_000;
    expect(patience.lost(waiting(text))).toBeUndefined();
  }
  expect(patience.lost(waiting("waiting since 1 s"))).toBeUndefined();
  at += 300_000;
  expect(patience.lost(waiting("waiting since 301 s"))).toBe("m1: waiting since 301 s");
});

test("a slow host has as much more time as it is slower", () => {
  let at = 0;
  const patience = createPatience(rules, () => at);
  const waiting = [report("m1", { Problems: ["node a is not Ready"] })];
  const lostAfter = (ms: number, reports: readonly NodeReport[], slowness: number): boolean => {
    at += ms;
    return patience.lost(reports, slowness) !== undefined;
  };
  expect(lostAfter(0, waiting, 1)).toBe(false);
  // 100 s of the five minutes in 1,000 s.
  for (let tens = 0; tens < 100; tens += 1) expect(lostAfter(10_000, waiting, 10)).toBe(false);
  expect(lostAfter(199_999, waiting, 1)).toBe(false);
  expect(lostAfter(1, waiting, 1)).toBe(true);
  expect(lostAfter(0, [failing(7)], 1)).toBe(false);
  expect(lostAfter(290_000, [failing(8)], 10)).toBe(false);
  expect(lostAfter(1_000, [failing(9)], 1)).toBe(true);
});
