// Against a server that misbehaves: how many requests an informer makes, and that nothing ends it.

import { afterEach, describe, expect, setSystemTime, test } from "bun:test";
import { pollUntil } from "../std/wait.ts";
import { type Logged, recordingLog, silentLog } from "../supervisor/testdata/recording-log.ts";
import { createKubeClient } from "./client.ts";
import { KubeConnectionError } from "./errors.ts";
import { createInformer, type Informer, type InformerOptions } from "./informer.ts";
import { defaultInformerTiming, type InformerTiming } from "./informer-timing.ts";
import type { ApiResource, KubeObject } from "./types.ts";

const nodes: ApiResource = {
  apiVersion: "v1",
  kind: "Node",
  group: "",
  version: "v1",
  plural: "nodes",
  namespaced: false,
  verbs: ["list", "watch"],
};

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  setSystemTime();
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

interface Asked {
  readonly query: URLSearchParams;
  readonly accept: string;
}

interface Counted {
  readonly lists: Asked[];
  readonly watches: Asked[];
}

type Answer = (request: Request, n: number) => Response | Promise<Response>;

/** A server of nodes; `n` of an answer counts from 1. */
function serve(answers: { list?: Answer; watch: Answer }): Counted & { readonly url: string } {
  const counted: Counted = { lists: [], watches: [] };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch(request) {
      const watching = new URL(request.url).searchParams.has("watch");
      const list = watching ? counted.watches : counted.lists;
      list.push({
        query: new URL(request.url).searchParams,
        accept: request.headers.get("accept") ?? "",
      });
      const answer = watching ? answers.watch : (answers.list ?? (() => nodeList("n1")));
      return answer(request, list.length);
    },
  });
  cleanups.push(() => server.stop(true));
  return { ...counted, url: `http://127.0.0.1:${server.port}` };
}

const nodeList = (...names: string[]): Response =>
  Response.json({
    kind: "NodeList",
    metadata: { resourceVersion: "10" },
    items: names.map((name) => ({ metadata: { name, resourceVersion: "1" } })),
  });

const status = (code: number, headers: Record<string, string> = {}): Response =>
  Response.json({ kind: "Status", code, message: `answer ${code}` }, { status: code, headers });

const event = (type: string, name: string, version: string): string =>
  `${JSON.stringify({ type, object: { kind: "Node", metadata: { name, resourceVersion: version } } })}\n`;

/** An open watch that says `text` and then nothing. */
const openWatch = (text = ""): Response =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(`${text}\n`.trimStart()));
      },
    }),
  );

const patient: InformerTiming = {
  ...defaultInformerTiming,
  backoff: { firstMs: 60_000, longestMs: 60_000 },
};

function follow(url: string, options: Partial<InformerOptions<KubeObject>> = {}): Informer<KubeObject> {
  const stop = new AbortController();
  const client = createKubeClient({ server: url });
  const informer = createInformer({
    client,
    kind: nodes,
    log: silentLog,
    timing: patient,
    ...options,
  });
  const running = informer.run(stop.signal);
  cleanups.unshift(async () => {
    stop.abort();
    await running;
  });
  return informer;
}

const until = (what: string, probe: () => boolean): Promise<unknown> =>
  pollUntil(probe, { what, intervalMs: 5, timeoutMs: 10_000 });

/** Longer than the pauses that used to be made. */
const moment = (): Promise<void> => Bun.sleep(400);

describe("a failing watch waits", () => {
  test("as long as the server asks for, even where our own pause is short", async () => {
    const server = serve({ watch: () => status(429, { "retry-after": "60" }) });
    follow(server.url, { timing: { ...patient, backoff: { firstMs: 1, longestMs: 2 } } });
    await until("the first watch", () => server.watches.length > 0);
    await moment();
    expect([server.lists.length, server.watches.length]).toEqual([1, 1]);
  });

  test("also when its place is forgotten, so that a storm of 410 is no storm of lists", async () => {
    const server = serve({ watch: () => status(410) });
    follow(server.url);
    await until("the first watch", () => server.watches.length > 0);
    await moment();
    expect([server.lists.length, server.watches.length]).toEqual([1, 1]);
  });

  test("when 410 comes as an event of the watch", async () => {
    const expired = JSON.stringify({
      type: "ERROR",
      object: { kind: "Status", code: 410, reason: "Expired", message: "too old" },
    });
    const server = serve({ watch: () => new Response(`${expired}\n`) });
    follow(server.url);
    await until("the first watch", () => server.watches.length > 0);
    await moment();
    expect([server.lists.length, server.watches.length]).toEqual([1, 1]);
  });

  test("when the server accepts watches and ends each at once", async () => {
    const server = serve({ watch: () => new Response("") });
    follow(server.url);
    await until("the first watch", () => server.watches.length > 0);
    await moment();
    expect([server.lists.length, server.watches.length]).toEqual([1, 1]);
  });

  test("ever longer: a watch that brought something and died young forgives nothing", async () => {
    const server = serve({ watch: (_, n) => new Response(event("ADDED", `x${n}`, `${n}`)) });
    follow(server.url, { timing: { ...patient, backoff: { firstMs: 20, longestMs: 60_000 } } });
    await until("some watches", () => server.watches.length >= 3);
    await moment();
    // 10 + 20 + 40 + 80 + 160 + 320 ms at least.
    expect(server.watches.length).toBeLessThanOrEqual(8);
    expect(server.lists.length).toBe(1);
  });
});

test("a broken watch continues after its last event, without another list", async () => {
  const server = serve({
    watch: (_, n) =>
      n === 1 ? new Response(event("ADDED", "n2", "17")) : openWatch(event("ADDED", "n3", "18")),
  });
  const informer = follow(server.url, { timing: { ...patient, backoff: { firstMs: 1, longestMs: 2 } } });
  await until("the event after the break", () => informer.get("n3") !== undefined);
  expect(informer.items()).toHaveLength(3);
  expect(server.lists).toHaveLength(1);
  expect(server.watches[1]?.query.get("resourceVersion")).toBe("17");
});

test("a forgotten place means another list, which replaces what is held", async () => {
  const server = serve({
    list: (_, n) => (n === 1 ? nodeList("old") : nodeList("new")),
    watch: (_, n) => (n === 1 ? status(410) : openWatch()),
  });
  const informer = follow(server.url, { timing: { ...patient, backoff: { firstMs: 1, longestMs: 2 } } });
  await until("the second list", () => informer.get("new") !== undefined);
  expect(informer.get("old")).toBeUndefined();
});

test("neither a handler nor a log that throws ends it", async () => {
  const throwing = (): never => {
    throw new Error("ENOSPC");
  };
  const log = { ...silentLog, warn: throwing, info: throwing, debug: throwing, error: throwing };
  const everywhere = { ...log, with: () => everywhere };
  const server = serve({ watch: (_, n) => (n < 5 ? status(500) : openWatch(event("ADDED", "n2", "17"))) });
  const informer = follow(server.url, {
    log: everywhere,
    timing: { ...patient, backoff: { firstMs: 1, longestMs: 2 } },
    onChange: throwing,
  });
  await until("the event", () => informer.get("n2") !== undefined);
});

test("by metadata it asks for no more than that, and objects keep their kind", async () => {
  const partial = { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1" };
  const added = { type: "ADDED", object: { ...partial, metadata: { name: "n2", resourceVersion: "11" } } };
  const server = serve({ watch: () => openWatch(`${JSON.stringify(added)}\n`) });
  const informer = follow(server.url, { metadataOnly: true });
  await until("the event", () => informer.get("n2") !== undefined);
  expect(informer.items().map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)).toEqual([
    "v1 Node",
    "v1 Node",
  ]);
  expect(server.lists[0]?.accept).toContain("PartialObjectMetadataList");
  expect(server.watches[0]?.accept).toContain("as=PartialObjectMetadata;");
});

test("only what is to be kept is held", async () => {
  const server = serve({ watch: () => openWatch(event("ADDED", "n2", "17")) });
  const informer = follow(server.url, {
    keep: ({ apiVersion, kind, metadata }) => ({ apiVersion, kind, metadata: { name: metadata.name ?? "" } }),
  });
  await until("the event", () => informer.get("n2") !== undefined);
  expect(informer.items()).toEqual([
    { apiVersion: "v1", kind: "Node", metadata: { name: "n1" } },
    { apiVersion: "v1", kind: "Node", metadata: { name: "n2" } },
  ]);
});

test("a wall clock that jumps changes nothing; the time that has really passed brings the next list", async () => {
  let clock = 0;
  const server = serve({ watch: () => new Response("") });
  follow(server.url, {
    now: () => clock,
    timing: { ...patient, stableMs: 0, backoff: { firstMs: 1, longestMs: 2 } },
  });
  await until("some watches", () => server.watches.length > 3);
  for (const jump of [86_400_000, -86_400_000]) {
    setSystemTime(Date.now() + jump);
    const before = server.watches.length;
    await until("more watches", () => server.watches.length > before + 3);
  }
  expect(server.lists.length).toBe(1);
  clock = defaultInformerTiming.relistMs;
  await until("the next list", () => server.lists.length === 2);
});

test("health tells that it has not followed for long, and why", async () => {
  let clock = 0;
  const server = serve({ list: () => status(403), watch: () => openWatch() });
  const informer = follow(server.url, { now: () => clock });
  await until("the list", () => server.lists.length > 0);
  await moment();
  expect(() => informer.health()).not.toThrow();
  clock = 120_000;
  expect(() => informer.health()).toThrow("watch of Node has failed for 2m0s: GET /api/v1/nodes: answer 403");
});

test("health tells a list that hangs each time, as of a server that only answers the small questions", async () => {
  let clock = 0;
  const server = serve({
    list: () => {
      clock += 30_000;
      return status(504);
    },
    watch: () => openWatch(),
  });
  const timing = { ...patient, backoff: { firstMs: 1, longestMs: 2 } };
  const informer = follow(server.url, { now: () => clock, timing });
  await until("some lists", () => server.lists.length >= 5);
  expect(() => informer.health()).toThrow("answer 504");
});

test("health tells watches to which the server never says a word", async () => {
  let clock = 0;
  const server = serve({ watch: () => new Promise(() => undefined) });
  const informer = follow(server.url, {
    now: () => clock,
    timing: { ...patient, silenceMs: 40, stableMs: 5, backoff: { firstMs: 1, longestMs: 2 } },
  });
  await until("a watch after one without an answer", () => server.watches.length >= 2);
  clock = 90_000;
  const seen = server.watches.length;
  await until("one more", () => server.watches.length > seen + 1);
  expect(() => informer.health()).toThrow("has failed for 1m30s");
});

test("a watch that lives makes it well again, long before that watch ends", async () => {
  let up = false;
  let at = 0;
  // Unlike an API server this one sends its header with the first byte only.
  const open = (): Response => openWatch(event("BOOKMARK", "", "10").trimEnd());
  const server = serve({ list: () => (up ? nodeList("n1") : status(503)), watch: open });
  const informer = follow(server.url, {
    now: () => at,
    timing: { ...patient, stableMs: 20, backoff: { firstMs: 5, longestMs: 10 } },
  });
  await until("a refused list", () => server.lists.length > 1);
  up = true;
  await until("the watch", () => server.watches.length === 1);
  at = 120_000;
  await until("good health", () => {
    try {
      informer.health();
      return true;
    } catch {
      return false;
    }
  });
  expect(server.watches).toHaveLength(1);
});

test("a server that is not up yet is not warned about, one that was there is; health tells both", async () => {
  const lines: Logged[] = [];
  const warned = (): Logged[] => lines.filter(({ level }) => level === "warn");
  let up = false;
  const refused = (): never => {
    throw new KubeConnectionError("GET nodes", Object.assign(new Error("no"), { code: "ECONNREFUSED" }));
  };
  const client: InformerOptions<KubeObject>["client"] = {
    list: async () => (up ? { items: [], resourceVersion: "1" } : refused()),
    watch: refused,
  };
  let time = 0;
  const informer = follow("http://127.0.0.1:1", {
    client,
    log: recordingLog(lines),
    now: () => time,
    timing: { ...patient, backoff: { firstMs: 1, longestMs: 1 } },
  });
  await until("many failures", () => lines.length > 20);
  time = 120_000;
  expect(warned()).toEqual([]);
  expect(() => informer.health()).toThrow("watch of Node has failed for 2m");
  up = true;
  await until("a warning", () => warned().length > 0);
});

test("a server that answers and refuses is warned about, though it never gave a list", async () => {
  const lines: Logged[] = [];
  const server = serve({ list: () => status(403), watch: () => status(403) });
  follow(server.url, {
    log: recordingLog(lines),
    timing: { ...patient, backoff: { firstMs: 1, longestMs: 1 } },
  });
  await until("a warning", () => lines.some(({ level }) => level === "warn"));
});
