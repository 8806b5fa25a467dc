import { expect, test } from "bun:test";
import { workInParallel } from "./parallel.ts";
import { sleep } from "./wait.ts";

const never = new AbortController().signal;

test("results come in the order of the items, and no more are worked on at once than asked for", async () => {
  let running = 0;
  let most = 0;
  const results = await workInParallel([30, 5, 20, 1], 2, never, async (ms) => {
    running += 1;
    most = Math.max(most, running);
    await sleep(ms);
    running -= 1;
    return ms * 2;
  });
  expect(results).toEqual([60, 10, 40, 2]);
  expect(most).toBe(2);
});

test("the first failure ends the others, and nothing new is begun", async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const work = workInParallel([1, 2, 3], 2, never, async (item, signal) => {
    begun.push(item);
    if (item === 1) throw new Error("first");
    await sleep(60_000, signal).catch(() => ended.push(item));
  });
  expect(work).rejects.toThrow("first");
  await work.catch(() => undefined);
  expect([begun, ended]).toEqual([[1, 2], [2]]);
});

test("an abort is thrown as its reason", async () => {
  const stop = new AbortController();
  const work = workInParallel([1], 1, stop.signal, (_, signal) => sleep(60_000, signal));
  stop.abort(new Error("ended by SIGTERM"));
  expect(work).rejects.toThrow("ended by SIGTERM");
});
