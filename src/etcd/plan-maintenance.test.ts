import { expect, test } from "bun:test";
import { planMaintenance } from "./plan-maintenance.ts";
import type { EtcdStatus } from "./replies.ts";

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

test.each([
  ["a full file stays", status, [], "none"],
  ["a half empty one is defragmented", { ...status, dbSizeInUse: 40 * mib }, [], "defragment"],
  ["a small one is not worth it", { ...status, dbSize: 60 * mib, dbSizeInUse: mib }, [], "none"],
  ["an alarm of another member is for that one", status, [{ memberId: "b", alarm: "NOSPACE" }], "none"],
  ["an alarm ends when there is room", status, [{ memberId: "a", alarm: "NOSPACE" }], "disarm"],
  [
    "without room, room is made",
    { ...status, dbSize: 990 * mib },
    [{ memberId: "a", alarm: "NOSPACE" }],
    "make-room",
  ],
] as const)("%s", (_, at, alarms, action) => {
  expect(planMaintenance(at, alarms).action).toBe(action);
});
