import { expect, test } from "bun:test";
import { pollUntil } from "../std/wait.ts";
import { createHealthProber } from "./health-prober.ts";
import { type Logged, recordingLog, silentLog } from "./testdata/recording-log.ts";

test("keeps the last three answers of each component, says what fails, and forgets who is gone", async () => {
  const lines: Logged[] = [];
  const log = recordingLog(lines);
  let sick = false;
  let present = true;
  let asked = 0;
  let verdict: string | null | undefined;
  const check = async (): Promise<void> => {
    asked++;
    if (sick) throw new Error("no answer");
  };
  const prober = createHealthProber({
    checks: () => (present ? [{ name: "one", check }] : []),
    log,
    onVerdict: (_, error) => (verdict = error),
    intervalMs: 5,
  });
  const rounds = async (count: number): Promise<void> => {
    const wanted = asked + count;
    await pollUntil(() => asked >= wanted, { what: "answers", intervalMs: 2, timeoutMs: 5_000 });
  };
  await prober.start(new AbortController().signal);
  await rounds(5);
  expect(verdict).toBeNull();
  expect(prober.report(5).healthProbes["one"]).toHaveLength(3);
  expect(prober.report(1).healthProbes["one"]).toHaveLength(1);

  sick = true;
  await rounds(1);
  prober.read({
    kind: "process",
    component: "one",
    event: { kind: "ended", how: "exited with code 1", retryAt: new Date() },
  });
  prober.read({ kind: "process", component: "one", event: { kind: "started", pid: 2 } });
  prober.read({ kind: "process", component: "one", event: { kind: "restarting" } });
  await rounds(3);
  expect(verdict).toBe("no answer");
  expect(prober.report(3).events["one"]?.map(({ message }) => message)).toEqual([
    "the process exited with code 1",
    "started again by k0s",
  ]);
  expect(lines.filter(({ message }) => message === "Health check fails")).toHaveLength(1);

  present = false;
  await pollUntil(() => prober.report(1).healthProbes["one"] === undefined, {
    what: "oblivion",
    intervalMs: 2,
    timeoutMs: 5_000,
  });
  await prober.stop();
});

test("a check that never answers, and heeds no signal, is a bad one", async () => {
  const verdicts: (string | null)[] = [];
  const prober = createHealthProber({
    onVerdict: (_, error) => verdicts.push(error),
    checks: () => [
      {
        name: "mute",
        check: () => new Promise(() => undefined),
      },
    ],
    log: silentLog,
    intervalMs: 5,
    timeoutMs: 10,
  });
  await prober.start(new AbortController().signal);
  await pollUntil(() => verdicts.length > 0, { what: "the verdict", intervalMs: 2, timeoutMs: 5_000 });
  expect(verdicts[0]).toBe("no answer within 0.01 s");
  await prober.stop();
});

test("a failure before a restart is not one of the new process, nor is a late answer of the old one", async () => {
  const verdicts: (string | null)[] = [];
  let answer = Promise.withResolvers<void>();
  let asked = 0;
  const prober = createHealthProber({
    checks: () => [
      {
        name: "one",
        check: () => {
          asked += 1;
          answer = Promise.withResolvers();
          return answer.promise;
        },
      },
    ],
    log: silentLog,
    onVerdict: (_, error) => verdicts.push(error),
    intervalMs: 5,
  });
  const fails = async (): Promise<void> => {
    const wanted = asked + 1;
    answer.reject(new Error("no answer"));
    await pollUntil(() => asked >= wanted, { what: "the next question", intervalMs: 1, timeoutMs: 5_000 });
  };
  await prober.start(new AbortController().signal);
  await pollUntil(() => asked === 1, { what: "the first question", intervalMs: 1, timeoutMs: 5_000 });
  await fails();
  // The second question is open while the process is changed: neither it nor the failure before counts any more.
  prober.read({ kind: "process", component: "one", event: { kind: "restarting" } });
  await fails();
  prober.read({ kind: "process", component: "one", event: { kind: "started", pid: 2 } });
  await fails();
  await fails();
  expect(verdicts).toEqual([]);
  await fails();
  expect(verdicts).toEqual(["no answer"]);
  const stopped = prober.stop();
  answer.resolve();
  await stopped;
});

test("a prober that fails or hangs says so itself", async () => {
  let at = 0;
  let works = true;
  const prober = createHealthProber({
    checks: () => {
      if (!works) throw new Error("no list of components");
      return [];
    },
    log: silentLog,
    intervalMs: 5,
    now: () => at,
  });
  await prober.start(new AbortController().signal);
  expect(prober.failure()).toBeNull();
  works = false;
  await pollUntil(
    () => {
      at += 5_000;
      return prober.failure() !== null;
    },
    { what: "the failure", intervalMs: 5, timeoutMs: 5_000 },
  );
  expect(prober.failure()).toMatch(/^the round of health checks has failed for .*: no list of components$/);
  works = true;
  await pollUntil(() => prober.failure() === null, { what: "the end", intervalMs: 5, timeoutMs: 5_000 });
  await prober.stop();
});
