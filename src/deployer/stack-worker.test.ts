import { expect, test } from "bun:test";
import { UserError } from "../std/errors.ts";
import { createStackWorker } from "./stack-worker.ts";
import type { StackEnd, WorkerPass, WorkerPassResult } from "./stack-worker.ts";
import { silentLog } from "./testdata/silent-log.ts";

const settled: WorkerPassResult = { againMs: undefined, over: false, became: "applied" };

function working(result = settled) {
  const passes: { pass: WorkerPass; at: number }[] = [];
  const begun = performance.now();
  let over = false;
  const worker = createStackWorker({
    log: silentLog,
    onTrouble: () => undefined,
    onOver: () => {
      over = true;
    },
    pass: async (pass) => {
      passes.push({ pass, at: performance.now() - begun });
      return result;
    },
  });
  const stop = new AbortController();
  const done = worker.run(stop.signal);
  return { worker, passes, isOver: () => over, done, stop };
}
const snapshot = { objects: [], unseen: new Set<string>(), at: 0 };

test("the quiet time after a write is kept, whoever else wants a pass", async () => {
  const { worker, passes, done, stop } = working();
  worker.trigger("quick", { quietMs: 200 });
  worker.trigger("sweep", { snapshot });
  worker.trigger("quick");
  await Bun.sleep(300);
  stop.abort();
  await done;
  expect(passes).toHaveLength(1);
  expect(passes[0]?.at).toBeGreaterThanOrEqual(195);
  // What was asked for the stack's sake is still known to be.
  expect(passes[0]?.pass).toMatchObject({ depth: "sweep", asked: true });
});

test("a look at all stacks is none that this stack has asked for", async () => {
  const { worker, passes, done, stop } = working();
  worker.trigger("verify", { snapshot });
  await Bun.sleep(20);
  stop.abort();
  await done;
  expect(passes.map(({ pass }) => pass.asked)).toEqual([false]);
});

test("a worker that has nothing left to do ends", async () => {
  const { worker, isOver, done } = working({ ...settled, over: true });
  worker.trigger("quick");
  await done;
  expect(isOver()).toBe(true);
});

test.each<[string, (Error | Partial<WorkerPassResult>)[], StackEnd[]]>([
  ["applied", [{}, {}], ["applied"]],
  ["removed, when that is over", [{ became: undefined }, { became: "removed" }, { over: true }], ["removed"]],
  [
    "applied, removed after another trouble",
    [{}, new Error("again"), { became: undefined }, { became: "removed" }],
    ["applied", "removed"],
  ],
])("what became of a stack that failed is told once: %s", async (_name, passes, told) => {
  const ends: StackEnd[] = [];
  const troubles: string[] = [];
  const left = [new Error("first"), ...passes];
  const over = Promise.withResolvers<void>();
  const stop = new AbortController();
  const worker = createStackWorker({
    log: silentLog,
    onTrouble: (message) => void troubles.push(message),
    onRecovered: (became) => void ends.push(became),
    onOver: over.resolve,
    pass: async () => {
      const next = left.shift();
      // What the user has to put right is told at the first failure.
      if (next instanceof Error) throw new UserError(next.message);
      if (left.length === 0) over.resolve();
      return { ...settled, againMs: 1, ...next };
    },
  });
  const done = worker.run(stop.signal);
  worker.trigger("quick");
  await over.promise;
  await Bun.sleep(20);
  stop.abort();
  await done;
  expect(ends).toEqual(told);
  expect(troubles).toHaveLength(told.length);
});
