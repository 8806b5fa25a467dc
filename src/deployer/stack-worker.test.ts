import { expect, test } from "bun:test";
import { createStackWorker } from "./stack-worker.ts";
import type { WorkerPass } from "./stack-worker.ts";
import { silentLog } from "./testdata/silent-log.ts";

function working(result = { againMs: undefined, over: false }) {
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
  const { worker, isOver, done } = working({ againMs: undefined, over: true });
  worker.trigger("quick");
  await done;
  expect(isOver()).toBe(true);
});
