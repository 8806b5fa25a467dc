import { expect, test } from "bun:test";
import { UserError } from "../std/errors.ts";
import { endChild, type EndingChild } from "./end-child.ts";
import { type Logged, recordingLog } from "./testdata/recording-log.ts";

/** A child that ends at one signal, or at none. */
function child(endsAt: NodeJS.Signals | undefined, signals: string[]): EndingChild {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    pid: process.pid,
    ended: promise,
    signal: (name, { group = false } = {}) => {
      signals.push(group ? `${name} to all` : name);
      if (name === endsAt) resolve();
    },
  };
}

const patience = (lines: Logged[]) => ({
  name: "etcd",
  log: recordingLog(lines),
  timeoutMs: 20,
  killTimeoutMs: 30,
});

test("one that ends when it is asked to is not killed", async () => {
  const [signals, lines]: [string[], Logged[]] = [[], []];
  await endChild(child("SIGTERM", signals), patience(lines));
  expect(signals).toEqual(["SIGTERM"]);
  expect(lines).toEqual([]);
});

test("one that does not is killed with its group", async () => {
  const [signals, lines]: [string[], Logged[]] = [[], []];
  await endChild(child("SIGKILL", signals), patience(lines));
  expect(signals).toEqual(["SIGTERM", "SIGKILL to all"]);
  expect(lines.map(({ message }) => message)).toEqual(["Process did not stop in time, killing it"]);
});

test("one that gets no time is killed without being asked", async () => {
  const [signals, lines]: [string[], Logged[]] = [[], []];
  await endChild(child("SIGKILL", signals), { ...patience(lines), timeoutMs: 0 });
  expect(signals).toEqual(["SIGKILL to all"]);
  expect(lines).toEqual([]);
});

test("one that nothing ends is given up after a while, with what it waits for", async () => {
  const [signals, lines]: [string[], Logged[]] = [[], []];
  const failure: unknown = await endChild(child(undefined, signals), patience(lines)).catch((err) => err);
  expect(failure).toBeInstanceOf(UserError);
  expect(String(failure)).toContain(
    `etcd (pid ${process.pid}) has not ended 0s after SIGKILL: its state is `,
  );
  expect(lines.at(-1)).toMatchObject({ level: "error", fields: { pid: process.pid } });
});
