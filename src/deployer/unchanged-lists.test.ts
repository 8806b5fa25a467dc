import { expect, test } from "bun:test";
import type { KubeClient, WatchOptions } from "../kube/client.ts";
import type { KubeObject, WatchEvent } from "../kube/types.ts";
import { createBudget } from "../std/budget.ts";
import { pollUntil } from "../std/wait.ts";
import { markObject } from "./stack-labels.ts";
import { silentLog } from "./testdata/silent-log.ts";
import { createUnchangedLists } from "./unchanged-lists.ts";

const configMaps = { apiVersion: "v1", kind: "ConfigMap" };
const secrets = { apiVersion: "v1", kind: "Secret" };
const timing = { watchSeconds: 60, silenceMs: 10_000, shortMs: 0, pauseMs: 60_000 };

/** A server whose watches are told what to bring. */
function world(options: Partial<typeof timing> = {}) {
  const names = new Set(["a"]);
  const asked: string[] = [];
  const watches: { readonly options: WatchOptions; tell(event: WatchEvent): void; end(): void }[] = [];
  let writtenAt = 0;
  const client: Pick<KubeClient, "list" | "watch"> = {
    async list(kind) {
      asked.push(`list ${kind.kind}`);
      const items = [...names].map((name) =>
        markObject("app", { ...configMaps, metadata: { name, namespace: "default" } }, "o"),
      );
      return { resourceVersion: "7", items: items as never[] };
    },
    async *watch(kind, watchOptions = {}) {
      asked.push(`watch ${kind.kind} from ${watchOptions.resourceVersion}`);
      const queue: (WatchEvent | undefined)[] = [];
      let wake = Promise.withResolvers<void>();
      const put = (event: WatchEvent | undefined): void => {
        queue.push(event);
        wake.resolve();
      };
      watchOptions.signal?.addEventListener("abort", () => put(undefined));
      watches.push({ options: watchOptions, tell: put, end: () => put(undefined) });
      watchOptions.onOpen?.();
      for (;;) {
        await wake.promise;
        wake = Promise.withResolvers();
        for (const event of queue.splice(0)) {
          if (event === undefined) return;
          yield event as never;
        }
      }
    },
  };
  const stop = new AbortController();
  const lists = createUnchangedLists({
    client,
    budget: createBudget(4),
    signal: stop.signal,
    log: silentLog,
    wroteSince: (at) => writtenAt >= at,
    timing: { ...timing, ...options },
  });
  return {
    asked,
    watches,
    lists,
    names,
    stop,
    list: async () => (await lists.list(configMaps)).map(({ ref }) => ref.name).join(),
    write: () => (writtenAt = performance.now()),
  };
}
const changed = (type: "ADDED" | "MODIFIED" | "DELETED" = "MODIFIED"): WatchEvent => ({
  type,
  object: { ...configMaps, metadata: { name: "a" } } satisfies KubeObject,
});
const turns = (): Promise<void> => Bun.sleep(5);

test("a kind is listed once, and again after each change that its one watch tells of", async () => {
  const { asked, watches, list, names } = world();
  expect(await list()).toBe("a");
  await turns();
  watches[0]?.tell({ type: "BOOKMARK", resourceVersion: "9" });
  await turns();
  expect(await list()).toBe("a");
  expect(asked).toEqual(["list ConfigMap", "watch ConfigMap from 7"]);
  names.add("b");
  for (const type of ["ADDED", "MODIFIED", "DELETED"] as const) {
    watches[0]?.tell(changed(type));
    await turns();
    expect(await list()).toBe("a,b");
    expect(await list()).toBe("a,b");
  }
  expect(asked.slice(2)).toEqual(["list ConfigMap", "list ConfigMap", "list ConfigMap"]);
  expect(watches[0]?.options).toMatchObject({
    metadataOnly: true,
    labelSelector: "k0s.k0sproject.io/stack",
  });
});

test("what this process has written is listed, though the watch has not told of it yet", async () => {
  const { asked, list, names, write } = world();
  await list();
  await turns();
  names.add("b");
  write();
  expect(await list()).toBe("a,b");
  expect(await list()).toBe("a,b");
  expect(asked.filter((line) => line.startsWith("list"))).toHaveLength(2);
});

test("without a watch that lives each look is a list; a watch that ended at once is not opened again soon", async () => {
  const { asked, watches, list, names } = world({ shortMs: 60_000 });
  await list();
  await turns();
  watches[0]?.end();
  await turns();
  names.add("b");
  expect(await list()).toBe("a,b");
  expect(await list()).toBe("a,b");
  expect(asked).toEqual(["list ConfigMap", "watch ConfigMap from 7", "list ConfigMap", "list ConfigMap"]);
});

test("a watch that lived is opened again with the next list", async () => {
  const { asked, watches, list } = world();
  await list();
  await turns();
  watches[0]?.end();
  await turns();
  await list();
  await turns();
  await list();
  expect(asked.slice(2)).toEqual(["list ConfigMap", "watch ConfigMap from 7"]);
});

test("a watch that brings nothing, not even a bookmark, is believed no longer", async () => {
  const { list, lists, names } = world({ silenceMs: 20 });
  await list();
  names.add("b");
  await pollUntil(() => !lists.watches(configMaps), {
    what: "the end of the watch",
    intervalMs: 5,
    timeoutMs: 5_000,
  });
  expect(await list()).toBe("a,b");
});

test("fresh lists ask in any case; kinds that no stack has are not watched any more, nor is anything after the end", async () => {
  const { asked, lists, stop, watches } = world();
  await lists.fresh(configMaps);
  await turns();
  await lists.fresh(configMaps);
  await lists.fresh(secrets);
  await turns();
  expect(asked).toEqual([
    "list ConfigMap",
    "watch ConfigMap from 7",
    "list ConfigMap",
    "list Secret",
    "watch Secret from 7",
  ]);
  lists.retain([secrets]);
  await turns();
  expect(watches.map(({ options }) => options.signal?.aborted)).toEqual([true, false]);
  expect([configMaps, secrets].map((kind) => lists.watches(kind))).toEqual([false, true]);
  stop.abort();
  await turns();
  expect(lists.watches(secrets)).toBe(false);
});
