import { afterEach, expect, test } from "bun:test";
import { createKubeClient } from "../kube/client.ts";
import { pollUntil } from "../std/wait.ts";
import { silentLog } from "../supervisor/testdata/recording-log.ts";
import { nodeIndex } from "./node-index.ts";

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const node = (name: string, os: string): object => ({
  metadata: {
    name,
    resourceVersion: "1",
    labels: { "kubernetes.io/os": os, "kubernetes.io/hostname": name },
    annotations: { large: "x".repeat(5_000) },
    managedFields: [{ manager: "kubelet" }],
  },
});

/** A server with a thousand nodes that counts what it is asked, and for how much of an object. */
function serveNodes() {
  const asked: string[] = [];
  let tell: (line: object) => void = () => undefined;
  const items = Array.from({ length: 1_000 }, (_, at) => node(`n${at}`, at % 10 === 0 ? "windows" : "linux"));
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch(request) {
      const query = new URL(request.url).searchParams;
      const whole = request.headers.get("accept")?.includes("PartialObjectMetadata") !== true;
      asked.push(`${query.has("watch") ? "watch" : "list"} ${whole ? "objects" : "metadata"}`);
      if (query.has("watch")) {
        const body = new ReadableStream({
          start(controller) {
            tell = (line) => controller.enqueue(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
          },
        });
        return new Response(body);
      }
      const from = Number(query.get("continue") ?? 0);
      const to = from + Number(query.get("limit"));
      const next = to < items.length ? { continue: `${to}` } : {};
      return Response.json({ metadata: { resourceVersion: "9", ...next }, items: items.slice(from, to) });
    },
  });
  cleanups.push(() => server.stop(true));
  return {
    asked,
    tell: (type: string, of: object) => tell({ type, object: of }),
    client: createKubeClient({ server: `http://127.0.0.1:${server.port}` }),
  };
}

test("however many listen, the nodes are listed and followed once, by metadata and in pages", async () => {
  const { asked, client, tell } = serveNodes();
  const nodes = nodeIndex({ client: async () => client, log: silentLog });
  const seen: number[][] = [[], [], []];
  for (const counts of seen)
    nodes.onLinuxCount((count) => {
      counts.push(count);
      if (counts === seen[0]) throw new Error("an add-on that cannot follow");
    });
  await nodes.start(new AbortController().signal);
  cleanups.push(() => nodes.stop());
  await pollUntil(() => asked.includes("watch metadata"), {
    what: "the watch",
    intervalMs: 5,
    timeoutMs: 10_000,
  });
  tell("ADDED", node("new", "linux"));
  // A change that does not concern the number.
  tell("MODIFIED", node("n1", "linux"));
  tell("DELETED", node("n2", "linux"));
  await pollUntil(() => seen[2]?.length === 3, { what: "the counts", intervalMs: 5, timeoutMs: 10_000 });
  expect(seen).toEqual([
    [900, 901, 900],
    [900, 901, 900],
    [900, 901, 900],
  ]);
  expect(asked).toEqual(["list metadata", "list metadata", "watch metadata"]);
  // Who comes later is told at once.
  const late: number[] = [];
  nodes.onLinuxCount((count) => late.push(count))();
  const windows: number[] = [];
  nodes.onWindowsCount((count) => windows.push(count));
  tell("ADDED", node("w", "windows"));
  await pollUntil(() => windows.length === 2, { what: "the counts", intervalMs: 5, timeoutMs: 10_000 });
  expect([late, windows]).toEqual([[900], [100, 101]]);
});

test("runtimes that nodes are labelled with are told by name, and again only when they are others", async () => {
  const { asked, client, tell } = serveNodes();
  const nodes = nodeIndex({ client: async () => client, log: silentLog });
  const seen: string[] = [];
  nodes.onRuntimes((names) => seen.push(names.join()));
  await nodes.start(new AbortController().signal);
  cleanups.push(() => nodes.stop());
  const until = (probe: () => boolean): Promise<unknown> =>
    pollUntil(probe, { what: "the runtimes", intervalMs: 5, timeoutMs: 10_000 });
  await until(() => asked.includes("watch metadata"));
  const labelled = (name: string, ...runtimes: string[]): object => ({
    metadata: {
      name,
      resourceVersion: "2",
      labels: Object.fromEntries(runtimes.map((runtime) => [`k0s.k0sproject.io/runtime-${runtime}`, "true"])),
    },
  });
  tell("ADDED", labelled("a", "nvidia", "crun"));
  await until(() => seen.length === 2);
  tell("ADDED", labelled("b", "crun"));
  tell("DELETED", labelled("a"));
  await until(() => seen.length === 3);
  expect(seen).toEqual(["", "crun,nvidia", "crun"]);
});
