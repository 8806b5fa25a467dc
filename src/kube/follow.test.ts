import { expect, test } from "bun:test";
import { pollUntil } from "../std/wait.ts";
import { silentLog } from "../supervisor/testdata/recording-log.ts";
import { follow } from "./follow.ts";
import type { Informer } from "./informer.ts";
import type { KubeObject } from "./types.ts";

/** One that runs until it is stopped. */
const running = (onRun: () => void = () => undefined): Informer<KubeObject> => ({
  run: (signal) => {
    onRun();
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  },
  synced: async () => undefined,
  items: () => [],
  get: () => undefined,
  health: () => undefined,
});

test("what cannot begin, as without credentials, begins later", async () => {
  const stop = new AbortController();
  let tries = 0;
  let runs = 0;
  const following = follow({
    name: "the nodes",
    log: silentLog,
    informer: async () => {
      tries += 1;
      if (tries === 1) throw new Error("ENOENT: admin.conf");
      return { informer: running(() => (runs += 1)) };
    },
  });
  const done = following.run(stop.signal);
  await pollUntil(() => runs === 1, { what: "the second try", intervalMs: 5, timeoutMs: 10_000 });
  stop.abort();
  await done;
  expect(tries).toBe(2);
});

test("one that is ended, since the way to the API is another one, is followed by the next", async () => {
  const stop = new AbortController();
  const ways = [new AbortController(), new AbortController()];
  let runs = 0;
  const following = follow({
    name: "the settings",
    log: silentLog,
    informer: async () => {
      const until = ways[runs]?.signal;
      return { informer: running(() => (runs += 1)), ...(until === undefined ? {} : { until }) };
    },
  });
  const done = following.run(stop.signal);
  await pollUntil(() => runs === 1, { what: "the first", intervalMs: 5, timeoutMs: 10_000 });
  ways[0]?.abort();
  await pollUntil(() => runs === 2, { what: "the second", intervalMs: 5, timeoutMs: 10_000 });
  stop.abort();
  await done;
});

test("the health of the informer is that of the following", async () => {
  const stop = new AbortController();
  const sick: Informer<KubeObject> = {
    ...running(),
    health: () => {
      throw new Error("watch of Node has failed for 2m0s: forbidden");
    },
  };
  const following = follow({ name: "the nodes", log: silentLog, informer: async () => ({ informer: sick }) });
  const done = following.run(stop.signal);
  await Bun.sleep(1);
  expect(() => following.health()).toThrow("forbidden");
  stop.abort();
  await done;
});
