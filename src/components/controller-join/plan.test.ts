import { expect, test } from "bun:test";
import type { JoinState } from "./state.ts";
import { planJoin } from "./plan.ts";

const joining: JoinState = { phase: "joining", server: "https://10.0.0.1:9443" };
const member: JoinState = { phase: "member" };

test.each([
  ["a new host without a token makes a cluster", false, undefined, false, "none"],
  ["a new host with a token joins", true, undefined, false, "join"],
  ["a member comes back, with or without its token", true, member, true, "none"],
  ["a member of older making comes back", false, undefined, true, "none"],
  ["a join killed before etcd had data begins again", true, joining, false, "join"],
  ["a join killed with data goes on", true, joining, true, "finish"],
  ["also without the token", false, joining, true, "none"],
  ["a member that lost its data joins anew", true, member, false, "join"],
] as const)("%s", (_, hasToken, state, hasData, kind) => {
  expect(planJoin({ hasToken, state, hasData })).toEqual({ kind });
});

test("with a shared datastore a join that was killed begins again, and needs its token", () => {
  const killed = { state: joining, hasData: true, sharedDatastore: true };
  expect(planJoin({ ...killed, hasToken: true })).toEqual({ kind: "join" });
  expect(() => planJoin({ ...killed, hasToken: false })).toThrow("did not finish");
});

test("a host that belongs to a cluster never starts a second one by itself", () => {
  const alone = (state: JoinState) => () => planJoin({ hasToken: false, state, hasData: false });
  expect(alone(joining)).toThrow("did not finish");
  expect(alone(member)).toThrow("its etcd data are gone");
});
