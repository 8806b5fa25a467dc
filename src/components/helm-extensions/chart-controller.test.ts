import { afterEach, expect, test } from "bun:test";
import type { KubeClient } from "../../kube/client.ts";
import type { KubeObject, WatchEvent } from "../../kube/types.ts";
import { silentLogger } from "../../std/logfmt.ts";
import { pollUntil, untilAborted } from "../../std/wait.ts";
import { type Chart, chartKind, chartNamespace } from "./chart.ts";
import { followCharts } from "./chart-controller.ts";
import type { Outcome } from "./chart-work.ts";

const done: Outcome = { outcome: "done" };
let stopping = new AbortController();
afterEach(() => {
  stopping.abort();
  stopping = new AbortController();
});

const chart = (name: string, generation = 1, order = 0): Chart => ({
  ...chartKind,
  metadata: { name, namespace: chartNamespace, uid: name, generation, resourceVersion: `${generation}` },
  spec: { namespace: "n", order },
});

/** A cluster with these Charts, whose changes are told. */
function clusterOf(...charts: Chart[]) {
  const told: WatchEvent<Chart>[] = [];
  const events: unknown[] = [];
  let wake = Promise.withResolvers<void>();
  const client = {
    create: async ({ message }: KubeObject) => void events.push(message),
    list: () => Promise.resolve({ resourceVersion: "1", items: charts }),
    async *watch(_: unknown, { signal = new AbortController().signal }: { signal?: AbortSignal }) {
      while (!signal.aborted) {
        yield* told.splice(0);
        await Promise.race([wake.promise, untilAborted(signal)]);
        wake = Promise.withResolvers<void>();
      }
    },
  } as unknown as KubeClient;
  const tell = (object: Chart): void => {
    told.push({ type: "MODIFIED", object });
    wake.resolve();
  };
  return { client, tell, events };
}

function follow(client: KubeClient, concurrency: number, work: (chart: Chart) => Promise<Outcome>) {
  const options = { client, log: silentLogger(), watch: () => undefined, concurrency: () => concurrency };
  return followCharts({ ...options, work }, stopping.signal);
}

const until = (what: string, test: () => boolean) =>
  pollUntil(test, { what, intervalMs: 5, timeoutMs: 10_000 });

test("no more than so many are worked on at a time, and each of them is", async () => {
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<Outcome>>();
  const { client } = clusterOf(chart("c"), chart("a"), chart("b"));
  const following = follow(client, 2, async ({ metadata: { name = "" } }) => {
    begun.push(name);
    const end = Promise.withResolvers<Outcome>();
    ends.set(name, end);
    return end.promise;
  });
  await until("two to begin", () => begun.length === 2);
  await Bun.sleep(50);
  expect(begun).toEqual(["a", "b"]);
  ends.get("a")?.resolve({ outcome: "wait", ms: 60_000 });
  await until("the third", () => begun.includes("c"));
  expect(begun).toEqual(["a", "b", "c"]);
  for (const { resolve } of ends.values()) resolve({ outcome: "wait", ms: 60_000 });
  stopping.abort();
  await following;
});

test("what failed is left alone for a while, but not when it changes", async () => {
  const begun: (number | undefined)[] = [];
  const { client, tell } = clusterOf(chart("a"));
  void follow(client, 5, async ({ metadata }) => {
    begun.push(metadata.generation);
    return { outcome: "failed", gently: true, err: new Error("no") };
  });
  await until("the first try", () => begun.length === 1);
  // Its status was written.
  tell({ ...chart("a"), status: { error: "no" } });
  await Bun.sleep(50);
  expect(begun).toEqual([1]);
  tell(chart("a", 2));
  await until("the second try", () => begun.length === 2);
  expect(begun).toEqual([1, 2]);
});

test("a chart of a higher order does not begin, and work that ends with an error does not end the rest", async () => {
  const begun: string[] = [];
  const { client, tell, events } = clusterOf(chart("second", 1, 2), chart("first", 1, 1));
  void follow(client, 5, async ({ metadata: { name = "" } }) => {
    begun.push(name);
    if (begun.length === 1) throw new Error("a mistake in the code");
    return { ...done, outcome: "wait", ms: 60_000 };
  });
  await until("the first", () => begun.length === 1);
  await Bun.sleep(50);
  expect(begun).toEqual(["first"]);
  expect(events).toEqual(["waits for first, which has another order"]);
  tell({ ...chart("first", 2, 1), status: { releaseName: "first", namespace: "n", error: "an upgrade" } });
  await until("the second", () => begun.includes("second"));
});

test("at its end it waits for what it has begun", async () => {
  let ended = false;
  const { client } = clusterOf(chart("a"));
  const begun = Promise.withResolvers<void>();
  const following = follow(client, 1, async () => {
    begun.resolve();
    await untilAborted(stopping.signal);
    await Bun.sleep(30);
    ended = true;
    return done;
  });
  await begun.promise;
  stopping.abort();
  await following;
  expect(ended).toBe(true);
});
