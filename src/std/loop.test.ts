import { describe, expect, test } from "bun:test";
import type { Logger } from "./log.ts";
import { createLoop, type LoopOptions } from "./loop.ts";
import { pollUntil } from "./wait.ts";

const nothing = (): void => undefined;
const quiet: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, with: () => quiet };
const diskFull = (): never => {
  throw new Error("ENOSPC: no space left on device");
};
const broken: Logger = {
  debug: diskFull,
  info: diskFull,
  warn: diskFull,
  error: diskFull,
  with: () => broken,
};
const backoff = { firstMs: 1, longestMs: 2 };

/** Runs `rounds` rounds; each is given its number, from 1. */
async function runRounds(
  rounds: number,
  round: (n: number, signal: AbortSignal) => Promise<number | void>,
  options: Partial<LoopOptions> = {},
): Promise<number> {
  const stop = new AbortController();
  let count = 0;
  const loop = createLoop({
    name: "test",
    log: quiet,
    backoff,
    everyMs: 0,
    ...options,
    round: async (signal) => {
      count += 1;
      try {
        return await round(count, signal);
      } finally {
        if (count >= rounds) stop.abort();
      }
    },
  });
  await loop.run(stop.signal);
  return count;
}

describe("a loop goes on", () => {
  test("after rounds that reject, throw at once, or throw nonsense", async () => {
    const rounds = await runRounds(6, (n) => {
      if (n === 1) throw new Error("at once");
      if (n === 2) return Promise.reject(new TypeError("later"));
      if (n === 3) return Promise.reject(undefined);
      if (n === 4) return Promise.reject("a string");
      return Promise.resolve();
    });
    expect(rounds).toBe(6);
  });

  test("when the log cannot be written", async () => {
    const log = { ...quiet, with: () => broken };
    const rounds = await runRounds(
      5,
      (n) => (n % 2 === 0 ? Promise.resolve() : Promise.reject(new Error("no"))),
      {
        log,
      },
    );
    expect(rounds).toBe(5);
  });

  test("after a round that was too long", async () => {
    const rounds = await runRounds(
      3,
      (_, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("slow")))),
      { limitMs: 5 },
    );
    expect(rounds).toBe(3);
  });
});

describe("a pause", () => {
  test("is as long as the round says, and ends with the ring", async () => {
    const stop = new AbortController();
    let rounds = 0;
    const loop = createLoop({
      name: "test",
      log: quiet,
      everyMs: 0,
      round: async () => {
        rounds += 1;
        if (rounds === 3) stop.abort();
        return 3_600_000;
      },
    });
    const running = loop.run(stop.signal);
    const ringing = setInterval(() => loop.ring(), 1);
    await running;
    clearInterval(ringing);
    expect(rounds).toBe(3);
  });

  test("is left out when it was rung during the round, once for any number of rings", async () => {
    const stop = new AbortController();
    let rounds = 0;
    const loop = createLoop({
      name: "test",
      log: quiet,
      round: async () => {
        rounds += 1;
        if (rounds > 1) return;
        for (let index = 0; index < 5; index++) loop.ring();
      },
    });
    const running = loop.run(stop.signal);
    await Bun.sleep(20);
    expect(rounds).toBe(2);
    stop.abort();
    await running;
  });

  test("without end is one, not a busy loop", async () => {
    const stop = new AbortController();
    let rounds = 0;
    const loop = createLoop({ name: "test", log: quiet, round: async () => void (rounds += 1) });
    const running = loop.run(stop.signal);
    await Bun.sleep(20);
    stop.abort();
    await running;
    expect(rounds).toBe(1);
  });

  test("after a failure ends with the abort", async () => {
    const stop = new AbortController();
    const loop = createLoop({
      name: "test",
      log: quiet,
      backoff: { firstMs: 60_000, longestMs: 60_000 },
      round: () => Promise.reject(new Error("no")),
    });
    const running = loop.run(stop.signal);
    await Bun.sleep(5);
    stop.abort();
    await running;
  });
});

describe("health", () => {
  const failing = (options: Partial<LoopOptions>) =>
    createLoop({ name: "watch of nodes", log: quiet, backoff, round: async () => undefined, ...options });

  test("tells a failure that lasts, with its reason, and forgets it when it works", async () => {
    let at = 0;
    let works = false;
    const stop = new AbortController();
    const loop = failing({
      now: () => at,
      round: () => (works ? Promise.resolve() : Promise.reject(new Error("forbidden"))),
    });
    const running = loop.run(stop.signal);
    await Bun.sleep(10);
    expect(() => loop.health()).not.toThrow();
    at = 90_000;
    expect(() => loop.health()).toThrow("watch of nodes has failed for 1m30s: forbidden");
    works = true;
    loop.ring();
    await Bun.sleep(10);
    expect(() => loop.health()).not.toThrow();
    stop.abort();
    await running;
  });

  test("a round that goes on and on works, whatever failed before it; when it fails, that is a new failure", async () => {
    let at = 0;
    let rounds = 0;
    const broken = Promise.withResolvers<void>();
    const stop = new AbortController();
    const loop = failing({
      now: () => at,
      lasting: true,
      round: () => (++rounds === 2 ? broken.promise : Promise.reject(new Error("not there yet"))),
    });
    const running = loop.run(stop.signal);
    await Bun.sleep(10);
    expect(rounds).toBe(2);
    at = 90_000;
    expect(() => loop.health()).not.toThrow();
    broken.reject(new Error("gone"));
    await Bun.sleep(10);
    expect(() => loop.health()).not.toThrow();
    at = 180_000;
    expect(() => loop.health()).toThrow("watch of nodes has failed for 1m30s");
    stop.abort();
    await running;
  });

  test("a lasting round that fails every minute is seen to, also while the next one goes on", async () => {
    let at = 0;
    let rounds = 0;
    const stop = new AbortController();
    let fail: (err: Error) => void = () => undefined;
    const loop = failing({
      now: () => at,
      lasting: true,
      round: () => {
        rounds += 1;
        const { promise, reject } = Promise.withResolvers<void>();
        fail = reject;
        return promise;
      },
    });
    const running = loop.run(stop.signal);
    const liveAndFail = async (ms: number): Promise<void> => {
      const wanted = rounds + 1;
      at += ms;
      fail(new Error("the file is gone"));
      await pollUntil(() => rounds === wanted, { what: "the next round", intervalMs: 1, timeoutMs: 5_000 });
    };
    for (let n = 1; n <= 4; n++) await liveAndFail(60_000);
    expect(() => loop.health()).not.toThrow();
    await liveAndFail(60_000);
    const said = "watch of nodes fails often: 5 times in the last 4 minutes: the file is gone";
    expect(() => loop.health()).toThrow(said);
    at += 50_000;
    expect(() => loop.health()).toThrow("5 times in the last 5 minutes");
    at += 70_000;
    expect(() => loop.health()).not.toThrow();
    stop.abort();
    fail(new Error("over"));
    await running;
  });

  test("whoever only waits long for an answer that does not come is not well", async () => {
    let at = 0;
    const stop = new AbortController();
    const loop = failing({
      now: () => at,
      round: async () => {
        at += 20_000;
        if (at >= 120_000) stop.abort();
        throw new Error("no answer within 20 s");
      },
    });
    await loop.run(stop.signal);
    expect(() => loop.health()).toThrow("watch of nodes has failed for 1m40s: no answer within 20 s");
  });

  test("tells a round that hangs beyond its limit", async () => {
    let at = 0;
    const stop = new AbortController();
    const done = Promise.withResolvers<void>();
    const loop = failing({ now: () => at, limitMs: 5_000, round: () => done.promise });
    const running = loop.run(stop.signal);
    at = 70_000;
    expect(() => loop.health()).toThrow("watch of nodes hangs for 1m10s");
    done.resolve();
    stop.abort();
    await running;
  });

  test("tells a loop that has ended though nobody stopped it", async () => {
    let clock = (): number => 0;
    const loop = failing({ now: () => clock() });
    clock = diskFull;
    await loop.run(new AbortController().signal);
    clock = () => 0;
    expect(() => loop.health()).toThrow("watch of nodes has ended: ENOSPC");
  });
});
