import { expect, test } from "bun:test";
import { defragmentingMakesRoom, patienceOfLeader, planMaintenance } from "./plan.ts";
import type { EtcdStatus } from "../replies.ts";

const mib = 2 ** 20;
const status: EtcdStatus = {
  memberId: "a",
  revision: "10",
  version: "3.7.3",
  dbSize: 100 * mib,
  dbSizeInUse: 90 * mib,
  dbSizeQuota: 1000 * mib,
  leader: "a",
  raftIndex: 1,
  raftAppliedIndex: 1,
  raftTerm: 1,
  isLearner: false,
  errors: [],
};

const ofB = [{ memberId: "b", alarm: "NOSPACE" }];
const own = [{ memberId: "a", alarm: "NOSPACE" }];

test.each([
  ["a full file stays", status, [], "none"],
  ["a half empty one is defragmented", { ...status, dbSizeInUse: 40 * mib }, [], "defragment"],
  ["one near its quota is, too", { ...status, dbSize: 850 * mib, dbSizeInUse: 600 * mib }, [], "defragment"],
  ["unless nearly all of it is used", { ...status, dbSize: 850 * mib, dbSizeInUse: 800 * mib }, [], "none"],
  ["a small one is not worth it", { ...status, dbSize: 60 * mib, dbSizeInUse: mib }, [], "none"],
  ["an alarm of another member is for that one", status, ofB, "none"],
  ["but a file as full as that makes room, too", { ...status, dbSize: 990 * mib }, ofB, "make-room"],
  ["an alarm ends when there is room", status, own, "disarm"],
  ["without room, room is made", { ...status, dbSize: 990 * mib }, own, "make-room"],
  ["a damaged member is for people", status, [{ memberId: "a", alarm: "CORRUPT" }], "none"],
] as const)("%s", (_, at, alarms, action) => {
  expect(planMaintenance(at, alarms).action).toBe(action);
});

test("defragmenting makes no room where all of it is used", () => {
  expect(defragmentingMakesRoom({ ...status, dbSize: 990 * mib, dbSizeInUse: 500 * mib })).toBe(true);
  expect(defragmentingMakesRoom({ ...status, dbSize: 990 * mib, dbSizeInUse: 950 * mib })).toBe(false);
});

test("the leader leaves each follower its turn; alone it waits for nobody", () => {
  expect(patienceOfLeader(3, { holdMs: 10, workMs: 5 })).toBe(30);
  expect(patienceOfLeader(1, { holdMs: 10, workMs: 5 })).toBe(0);
});
