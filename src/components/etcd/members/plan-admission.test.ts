import { expect, test } from "bun:test";
import { initialCluster, planAdmission } from "./plan-admission.ts";
import type { EtcdMember } from "../replies.ts";

const joiner = { name: "c2", peerUrl: "https://10.0.0.2:2380" };
const young = () => 0;

function member(id: string, name: string, host: number, isLearner = false): EtcdMember {
  return { id, name, peerUrls: [`https://10.0.0.${host}:2380`], isLearner };
}

test.each([
  ["a new host is added", [member("1", "c1", 1)], { action: "add" }],
  ["one that was added and never ran goes on", [member("2", "", 2, true)], { action: "resume", id: "2" }],
  [
    "one that ran and lost its data starts anew",
    [member("2", "c2", 2, true)],
    { action: "replace", id: "2" },
  ],
  [
    "nobody takes the place of a voter",
    [member("2", "c2", 2)],
    { action: "refuse", reason: "address-taken", by: member("2", "c2", 2) },
  ],
  [
    "two with the same name do not fit",
    [member("1", "c2", 1)],
    { action: "refuse", reason: "name-taken", by: member("1", "c2", 1) },
  ],
  ["one after the other", [member("3", "", 3, true)], { action: "wait", for: member("3", "", 3, true) }],
])("%s", (_, members, step) => {
  expect(planAdmission(members, joiner, young)).toEqual(step as never);
});

test("a learner that never came makes room after a minute, one that runs after ten", () => {
  const at = (members: EtcdMember[], ms: number) => planAdmission(members, joiner, () => ms).action;
  expect(at([member("3", "", 3, true)], 61_000)).toBe("replace");
  expect(at([member("3", "c3", 3, true)], 61_000)).toBe("wait");
  expect(at([member("3", "c3", 3, true)], 601_000)).toBe("replace");
});

test("the initial cluster names the new member too", () => {
  const members = [member("1", "c1", 1), member("2", "", 2, true)];
  expect(initialCluster(members, { ...joiner, id: "2" })).toEqual([
    "c1=https://10.0.0.1:2380",
    "c2=https://10.0.0.2:2380",
  ]);
});
