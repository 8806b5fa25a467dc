import { expect, test } from "bun:test";
import { flapHistory } from "../std/flapping.ts";
import type { ComponentDetails } from "./component.ts";
import { type Member, memberStatus } from "./member.ts";
import { tellingLines } from "./readiness.ts";

const since = new Date("2026-11-26T10:00:00Z");
const after = (ms: number): Date => new Date(since.getTime() + ms);

function ended(details: ComponentDetails): Member {
  const component = {
    name: "kine",
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    inspect: () => details,
  };
  return { component, state: "backing-off", since, ends: flapHistory() };
}

test("what runs again for long without getting ready speaks for itself, and no more for the one that ended", () => {
  const running = ended({ pid: 7, lastWords: ["E old"], lastOutput: ["E old", "E new"] });
  expect(memberStatus(running, [], after(5_000))).toMatchObject({ lastOutput: ["E old"] });
  expect(memberStatus(running, [], after(5_000)).notRecovered).toBeUndefined();
  expect(memberStatus(running, [], after(15_000))).toMatchObject({
    notRecovered: true,
    lastOutput: ["E old", "E new"],
  });
});

test("what waits for its next start has not run for long", () => {
  const waiting = ended({ retryAt: after(20_000), lastWords: ["E old"], lastOutput: ["E old"] });
  expect(memberStatus(waiting, [], after(15_000)).notRecovered).toBeUndefined();
});

test("the page about its flags that a program prints is not what it has to tell", () => {
  const said = "flag provided but not defined: -no-such-flag";
  const usage = ["Usage:", "", "  etcd [flags]", "Member:", ...Array.from({ length: 20 }, () => "  -a flag")];
  expect(tellingLines([said, ...usage])).toEqual([said]);
  expect(tellingLines(["first", ...usage, said, ...usage])).toEqual(["first", said]);
  expect(tellingLines(["Error: no", "Usage:", "  x", "panic: nil"])).toEqual(["Error: no", "panic: nil"]);
});

test("what works and complains is unhealthy since that was found, not since it was ready", () => {
  const complaining = {
    ...ended({ complaint: "no pid file", complaintSince: after(60_000) }),
    state: "ready",
  } as const;
  const status = memberStatus(complaining, [], after(90_000));
  expect([status.state, status.lastError]).toEqual(["unhealthy", "no pid file"]);
  expect(status.since.toISOString()).toBe(after(60_000).toISOString());
  expect(memberStatus({ ...ended({}), state: "ready" }, [], after(90_000)).since).toEqual(since);
});
