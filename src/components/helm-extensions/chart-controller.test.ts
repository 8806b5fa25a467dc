import { afterEach, expect, test } from "bun:test";
import type { KubeClient } from "../../kube/client.ts";
import type { GroupVersionKind, KubeObject, KubeResource, WatchEvent } from "../../kube/types.ts";
import { silentLogger } from "../../std/logfmt.ts";
import { pollUntil, untilAborted } from "../../std/wait.ts";
import { type Chart, chartKind, chartNamespace, type ReleaseRef, specHashOf } from "./chart.ts";
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
  const others: Record<string, KubeObject[]> = { ConfigMap: [], Secret: [] };
  const told: WatchEvent<KubeResource>[] = [];
  const events: unknown[] = [];
  let wake = Promise.withResolvers<void>();
  const client = {
    create: async ({ message }: KubeObject) => void events.push(message),
    list: async ({ kind }: GroupVersionKind) => ({ resourceVersion: "1", items: others[kind] ?? charts }),
    async *watch(
      { kind }: GroupVersionKind,
      { signal = new AbortController().signal }: { signal?: AbortSignal },
    ) {
      while (!signal.aborted) {
        const news = told.filter((event) => event.type !== "BOOKMARK" && event.object.kind === kind);
        for (const event of news) told.splice(told.indexOf(event), 1);
        yield* news;
        await Promise.race([wake.promise, untilAborted(signal)]);
        wake = Promise.withResolvers<void>();
      }
    },
  } as unknown as KubeClient;
  const tell = (object: Chart | KubeObject): void => {
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
    if (name === "first") throw new Error("a mistake in the code");
    return { ...done, outcome: "wait", ms: 60_000 };
  });
  await until("the first", () => begun.length === 1);
  await Bun.sleep(50);
  expect(begun).toEqual(["first"]);
  expect(events).toEqual(["waits for first, which has another order"]);
  tell({ ...chart("first", 2, 1), status: { releaseName: "first", namespace: "n", error: "an upgrade" } });
  await until("the second", () => begun.includes("second"));
});

test("a second change in order: what failed before it holds up the rest until it was tried with what it says now", async () => {
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<Outcome>>();
  const failing = { releaseName: "first", namespace: "n", error: "an upgrade", specHash: "old" };
  const first = { ...chart("first", 1, 1), status: failing };
  const settled = {
    ...chart("second", 1, 2),
    status: { releaseName: "second", namespace: "n", specHash: "" },
  };
  const second = { ...settled, status: { ...settled.status, specHash: specHashOf(settled) } };
  const { client, tell } = clusterOf(second, first);
  void follow(client, 5, async ({ metadata: { name = "", generation } }) => {
    begun.push(`${name} ${generation}`);
    const end = Promise.withResolvers<Outcome>();
    ends.set(`${name} ${generation}`, end);
    return end.promise;
  });
  await until("the first", () => ends.has("first 1"));
  ends.get("first 1")?.resolve({ outcome: "failed", gently: true, err: new Error("no") });
  const changed = {
    ...chart("second", 2, 2),
    spec: { ...second.spec, values: "a: 2" },
    status: second.status,
  };
  // Both change, and the status of the one still tells of the time before.
  tell({ ...first, metadata: { ...first.metadata, generation: 2, resourceVersion: "2" } });
  tell(changed);
  await until("the first again", () => ends.has("first 2"));
  await Bun.sleep(50);
  expect(begun).toEqual(["first 1", "first 2"]);
  ends.get("first 2")?.resolve({ outcome: "failed", gently: true, err: new Error("no") });
  await until("the second", () => begun.includes("second 2"));
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

test("a change of what holds its values is looked at, and so is one that was waited for", async () => {
  const spec = { namespace: "n", valuesFrom: [{ kind: "Secret", name: "v" }] as const };
  const asked = { ...chart("a"), spec };
  const settled = { ...asked, status: { releaseName: "a", namespace: "n", specHash: specHashOf(asked) } };
  const { client, tell } = clusterOf(settled);
  let looks = 0;
  void follow(client, 5, async () => {
    looks += 1;
    return looks === 2 ? { outcome: "failed", gently: false, err: new Error("it has no such key") } : done;
  });
  await until("the first look", () => looks === 1);
  await Bun.sleep(50);
  expect(looks).toBe(1);
  const secret = (name: string, resourceVersion: string): KubeObject => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: chartNamespace, uid: name, resourceVersion },
  });
  tell(secret("other", "1"));
  tell(secret("v", "2"));
  await until("the second look", () => looks === 2);
  await Bun.sleep(50);
  expect(looks).toBe(2);
  tell(secret("v", "3"));
  await until("the third look", () => looks === 3);
});

test("of two that name one release the second is told so, and has its turn when the first is gone", async () => {
  const named = (name: string, second: number): Chart => ({
    ...chart(name),
    metadata: { ...chart(name).metadata, creationTimestamp: `2026-01-01T00:00:0${second}Z` },
    spec: { namespace: "n", releaseName: "web" },
  });
  const [first, second] = [named("z", 1), named("a", 2)];
  const { client, tell } = clusterOf(first, second);
  const begun: string[] = [];
  const options = { client, log: silentLogger(), watch: () => undefined, concurrency: () => 5 };
  const work = async (
    { metadata }: Chart,
    holder: (chart: Chart, release: ReleaseRef) => Chart | undefined,
  ) => {
    const other = holder(metadata.name === "a" ? second : first, { name: "web", namespace: "n" });
    begun.push(`${metadata.name} ${other?.metadata.name ?? "its own"}`);
    return other === undefined ? done : ({ outcome: "failed", gently: false, err: new Error("no") } as const);
  };
  void followCharts({ ...options, work }, stopping.signal);
  await until("both", () => begun.length >= 2);
  expect(begun.toSorted()).toEqual(["a z", "z its own"]);
  const leaving = { ...first.metadata, deletionTimestamp: "2026-01-02T00:00:00Z", resourceVersion: "2" };
  tell({ ...first, metadata: leaving });
  await until("its turn", () => begun.includes("a its own"));
});
