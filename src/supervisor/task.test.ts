import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { createLoop } from "../std/loop.ts";
import { onceTask, task, type TaskPart } from "./task.ts";
import { silentLog } from "./testdata/recording-log.ts";

const never = new AbortController().signal;

interface Told {
  readonly part: TaskPart;
  runs: number;
  ends: number;
  rings: number;
}

/** Runs until it is stopped, and takes two turns to end. */
function part(fault?: string): Told {
  const told: Told = {
    runs: 0,
    ends: 0,
    rings: 0,
    part: {
      run: async (signal) => {
        told.runs += 1;
        if (!signal.aborted)
          await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        await Promise.resolve();
        told.ends += 1;
      },
      health: () => {
        if (fault !== undefined) throw new Error(fault);
      },
      ring: () => void (told.rings += 1),
    },
  };
  return told;
}

test("whatever the parts are: all run once, all are rung, the stop waits for all, the health is that of the first that is not well", async () => {
  const faults = fc.array(fc.option(fc.constantFrom("away", "slow"), { nil: undefined }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(faults, fc.boolean(), async (all, late) => {
      const told = all.map((fault) => part(fault));
      const parts = told.map((one) => one.part);
      let ended = 0;
      const component = task({
        name: "thing",
        parts: late ? async () => parts : parts,
        end: () => {
          expect(told.every((one) => one.ends === 1)).toBe(true);
          ended += 1;
        },
      });
      await component.start(never);
      component.ring();
      const health = await component.health(never).then(
        () => undefined,
        (err: Error) => err.message,
      );
      expect(health).toBe(all.find((fault) => fault !== undefined));
      expect(told.every(({ runs, ends, rings }) => runs === 1 && ends === 0 && rings === 1)).toBe(true);
      await component.stop();
      expect(ended).toBe(1);
    }),
    { numRuns: 50 },
  );
});

test("what more can be wrong is told when the parts are well, and not before", async () => {
  const asked: string[] = [];
  const of = (fault?: string): Promise<string> => {
    const component = task({
      name: "thing",
      parts: [part(fault).part],
      health: () => {
        asked.push(fault ?? "well");
        throw new Error("full");
      },
    });
    return component
      .start(never)
      .then(() => component.health(never))
      .then(() => "", String);
  };
  expect([await of("away"), await of()]).toEqual(["Error: away", "Error: full"]);
  expect(asked).toEqual(["well"]);
});

test("a start that fails runs nothing, and what was opened is closed", async () => {
  let closed = false;
  const component = task({
    name: "thing",
    parts: () => Promise.reject(new Error("no credentials")),
    end: () => void (closed = true),
  });
  expect(component.start(never)).rejects.toThrow("no credentials");
  await component.stop();
  expect(closed).toBe(true);
});

test("a start that outlives its stop begins nothing", async () => {
  const credentials = Promise.withResolvers<readonly TaskPart[]>();
  let rounds = 0;
  const component = task({ name: "thing", parts: () => credentials.promise });
  const started = component.start(never);
  await component.stop();
  credentials.resolve([createLoop({ name: "x", log: silentLog, round: async () => void (rounds += 1) })]);
  await started;
  await Bun.sleep(1);
  expect(rounds).toBe(0);
});

test("a ring ends the pause after a failure", async () => {
  let rounds = 0;
  const again = Promise.withResolvers<void>();
  const round = async (): Promise<void> => {
    rounds += 1;
    if (rounds === 2) again.resolve();
    throw new Error("away");
  };
  const backoff = { firstMs: 3_600_000, longestMs: 3_600_000 };
  const component = task({
    name: "thing",
    parts: [createLoop({ name: "x", log: silentLog, backoff, round })],
  });
  await component.start(never);
  await Bun.sleep(1);
  component.ring();
  await again.promise;
  await component.stop();
  expect(rounds).toBe(2);
});

test("work that is done once is ready when it is done, fails there, and ends with the stop", async () => {
  const done = Promise.withResolvers<void>();
  const work = onceTask({ name: "thing", work: () => done.promise });
  await work.start(never);
  let ready = false;
  const waiting = work.ready?.(never).then(() => (ready = true));
  await Bun.sleep(1);
  expect(ready).toBe(false);
  done.resolve();
  await waiting;
  await work.stop();

  const failing = onceTask({ name: "thing", work: () => Promise.reject(new Error("no")) });
  await failing.start(never);
  expect(failing.ready?.(never)).rejects.toThrow("no");
  await failing.stop();

  const long = onceTask({
    name: "thing",
    work: (signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("over")))),
  });
  await long.start(never);
  await long.stop();
  expect(long.ready?.(never)).rejects.toThrow("over");
});
