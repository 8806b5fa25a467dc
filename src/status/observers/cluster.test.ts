// Against a server of a large cluster that counts: what a node follows does not grow with it, and waiting costs nothing.

import { afterEach, expect, test } from "bun:test";
import { type RuntimeAccess, runtimeAccess } from "../../components/containerd/runtime-access.ts";
import { createKubeClient } from "../../kube/client.ts";
import { silentLogger } from "../../std/logfmt.ts";
import { pollUntil } from "../../std/wait.ts";
import { type Logged, recordingLog } from "../../supervisor/testdata/recording-log.ts";
import { NoCredentialsYet } from "./api.ts";
import { type ClusterWatch, clusterWatch } from "./cluster.ts";
import type { Node } from "../../kube/objects/node.ts";
import { daemonSet, deployment, node, pod } from "../health/testing/objects.ts";

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const crowd = 3_000;

/** A cluster of many nodes with one pod of a DaemonSet each; the API filters as a real one does. */
function largeCluster() {
  const requests: string[] = [];
  let bytes = 0;
  let own: Node | undefined = node().object;
  const watchers = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const owner = { kind: "DaemonSet", name: "calico-node" };
  const pods = Array.from({ length: crowd }, (_, n) => {
    const nodeName = n === 0 ? "n" : `n${n}`;
    return pod({ name: `calico-node-${n}`, ready: n !== 1, nodeName, owner });
  });
  const select = (path: string, fields: string | null): readonly object[] => {
    if (path.endsWith("/nodes")) return own === undefined || fields !== "metadata.name=n" ? [] : [own];
    if (path.endsWith("/pods")) {
      const wanted = fields?.replace("spec.nodeName=", "");
      return wanted === undefined ? pods : pods.filter(({ spec }) => (spec?.nodeName ?? "") === wanted);
    }
    return path.endsWith("/deployments") ? [deployment("coredns")] : [daemonSet("calico-node")];
  };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      requests.push(
        `${searchParams.has("watch") ? "watch" : "list"} ${pathname} ${searchParams.get("fieldSelector") ?? ""}`,
      );
      if (searchParams.has("watch")) {
        const nodes = pathname.endsWith("/nodes");
        return new Response(
          new ReadableStream({
            start: (controller) => void (nodes && watchers.add(controller)),
            cancel: () => undefined,
          }),
        );
      }
      const body = JSON.stringify({
        metadata: { resourceVersion: "10" },
        items: select(pathname, searchParams.get("fieldSelector")),
      });
      bytes += body.length;
      return new Response(body, { headers: { "content-type": "application/json" } });
    },
  });
  cleanups.push(() => server.stop(true));
  return {
    url: `http://127.0.0.1:${server.port}`,
    requests,
    bytes: () => bytes,
    tell(type: "MODIFIED" | "DELETED", object: Node): void {
      own = type === "DELETED" ? undefined : object;
      for (const one of watchers)
        one.enqueue(new TextEncoder().encode(`${JSON.stringify({ type, object })}\n`));
    },
  };
}

function watching(url: string, options: { startedAt?: Date; worker?: boolean } = {}): ClusterWatch {
  const stop = new AbortController();
  const watch = clusterWatch({
    client: () => Promise.resolve(createKubeClient({ server: url })),
    log: silentLogger(),
    startedAt: options.startedAt ?? new Date(0),
    node: { name: "n", runtime: runtimeAccess("/nonexistent/cri.sock") },
    ...(options.worker === true ? {} : { expected: ["coredns", "calico-node"] }),
  });
  const running = watch.run(stop.signal);
  cleanups.push(async () => {
    stop.abort();
    await running;
  });
  return watch;
}

const until = <T>(what: string, probe: () => T) =>
  pollUntil(probe, { what, intervalMs: 5, timeoutMs: 10_000 });

test("in a large cluster a node asks once for what is its own, and then only listens", async () => {
  const cluster = largeCluster();
  const watch = watching(cluster.url);
  const facts = await until("the first lists", () => watch.facts());
  expect(facts.pods.map(({ metadata }) => metadata.name)).toEqual(["calico-node-0"]);
  expect(facts.workloads?.map(({ metadata }) => metadata.name)).toEqual(["coredns", "calico-node"]);
  await until("the watches", () => cluster.requests.filter((one) => one.startsWith("watch")).length === 5);
  // Somebody asks all the time, as every wait and every `k0s status` does.
  for (let n = 0; n < 100; n++) {
    watch.facts();
    await Bun.sleep(5);
  }
  expect(cluster.requests.filter((one) => one.startsWith("list")).toSorted()).toEqual([
    "list /api/v1/namespaces/kube-system/pods spec.nodeName=",
    "list /api/v1/namespaces/kube-system/pods spec.nodeName=n",
    "list /api/v1/nodes metadata.name=n",
    "list /apis/apps/v1/namespaces/kube-system/daemonsets ",
    "list /apis/apps/v1/namespaces/kube-system/deployments ",
  ]);
  expect(cluster.requests).toHaveLength(10);
  expect(cluster.bytes()).toBeLessThan(10_000);
});

test("a worker asks for nothing that its credentials do not show", async () => {
  const cluster = largeCluster();
  const watch = watching(cluster.url, { worker: true });
  const facts = await until("the first lists", () => watch.facts());
  expect(facts.workloads).toBeUndefined();
  expect(cluster.requests.filter((one) => one.startsWith("list")).toSorted()).toEqual([
    "list /api/v1/namespaces/kube-system/pods spec.nodeName=n",
    "list /api/v1/nodes metadata.name=n",
  ]);
});

test("what kubelet wrote before this start does not count; what it writes anew does, whatever the clock", async () => {
  const cluster = largeCluster();
  // A clock that was set back after the start: no report ever seems to be of after it.
  const watch = watching(cluster.url, { startedAt: new Date("2100-01-01T00:00:00Z") });
  expect((await until("the first lists", () => watch.facts())).node?.reported).toBe(false);
  await until("the watches", () => cluster.requests.filter((one) => one.startsWith("watch")).length === 5);
  const { object } = node();
  const [ready] = object!.status!.conditions!;
  cluster.tell("MODIFIED", {
    ...object!,
    status: { conditions: [{ ...ready!, lastHeartbeatTime: "2026-11-26T10:05:00Z" }] },
  });
  await until("the new report", () => watch.facts()?.node?.reported);
});

test("a node that is deleted is missed", async () => {
  const cluster = largeCluster();
  const watch = watching(cluster.url);
  expect((await until("the first lists", () => watch.facts())).node?.reported).toBe(true);
  await until("the watches", () => cluster.requests.filter((one) => one.startsWith("watch")).length === 5);
  cluster.tell("DELETED", node().object!);
  await until("the deletion", () => watch.facts()?.node?.object === undefined);
  expect(watch.facts()?.node?.wasThere).toBe(true);
});

/** A container runtime that answers nothing, ever. */
const mute: RuntimeAccess = {
  connect: () => {
    const hangs = () => new Promise<never>(() => undefined);
    return Object.assign(
      Object.fromEntries(["runningContainers", "podSandboxes"].map((name) => [name, hangs])),
      { [Symbol.dispose]: () => undefined },
    ) as unknown as ReturnType<RuntimeAccess["connect"]>;
  },
  facts: () => new Promise<never>(() => undefined),
  lastFacts: () => undefined,
};

test("who follows the facts is told of the first ones, and of each change", async () => {
  const cluster = largeCluster();
  let told = 0;
  const stop = new AbortController();
  const watch = clusterWatch({
    client: async () => createKubeClient({ server: cluster.url }),
    log: silentLogger(),
    startedAt: new Date(0),
    node: { name: "n", runtime: mute },
    onChange: () => {
      if (watch.facts() !== undefined) told += 1;
    },
  });
  // Whom the runtime keeps waiting does not end.
  void watch.run(stop.signal);
  cleanups.push(async () => stop.abort());
  await until("the first facts", () => told === 1);
  await until("the watches", () => cluster.requests.filter((one) => one.startsWith("watch")).length === 2);
  cluster.tell("MODIFIED", node().object!);
  await until("the change", () => told === 2);
});

test("credentials that are not there yet are waited for, and a new way to the API is taken", async () => {
  const [old, next] = [largeCluster(), largeCluster()];
  let url: string | undefined;
  const stop = new AbortController();
  const watch = clusterWatch({
    client: () =>
      url === undefined
        ? Promise.reject(new Error("not yet"))
        : Promise.resolve(createKubeClient({ server: url })),
    log: silentLogger(),
    startedAt: new Date(0),
    expected: [],
  });
  const running = watch.run(stop.signal);
  await Bun.sleep(50);
  expect(watch.facts()).toBeUndefined();
  url = old.url;
  await until("the first lists", () => watch.facts());
  url = next.url;
  watch.reconnect();
  await until("requests to the other server", () => next.requests.length > 0);
  stop.abort();
  await running;
});

test("health tells that nothing can be read, before anything ever was and after the way to the API has changed", async () => {
  const cluster = largeCluster();
  const refusing = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => Response.json({ kind: "Status", code: 403, message: "forbidden" }, { status: 403 }),
  });
  cleanups.push(() => refusing.stop(true));
  let url = `http://127.0.0.1:${refusing.port}`;
  let clock = 0;
  const stop = new AbortController();
  const watch = clusterWatch({
    client: async () => createKubeClient({ server: url }),
    log: silentLogger(),
    startedAt: new Date(0),
    expected: ["coredns"],
    now: () => clock,
  });
  const running = watch.run(stop.signal);
  cleanups.push(async () => {
    stop.abort();
    await running;
  });
  const fault = (): string => {
    try {
      watch.health();
      return "";
    } catch (err) {
      return String(err);
    }
  };
  const passes = async (what: string, probe: () => boolean): Promise<void> => {
    await until(what, () => {
      clock += 1_000;
      return probe();
    });
  };
  await passes("the fault", () => fault().includes("forbidden"));
  expect(watch.facts()).toBeUndefined();
  url = cluster.url;
  watch.reconnect();
  await until("the first lists", () => watch.facts());
  expect(fault()).toBe("");
  url = `http://127.0.0.1:${refusing.port}`;
  watch.reconnect();
  await passes("the next fault", () => fault().includes("forbidden"));
});

test("a node that waits for its first credentials does not warn of that, however long it takes", async () => {
  const lines: Logged[] = [];
  let clock = 0;
  let tries = 0;
  const stop = new AbortController();
  const watch = clusterWatch({
    client: async () => {
      tries++;
      throw new NoCredentialsYet("this node has not joined a cluster yet");
    },
    log: recordingLog(lines),
    startedAt: new Date(0),
    now: () => (clock += 60_000),
  });
  const running = watch.run(stop.signal);
  const often = 25;
  await until("many tries", () => {
    watch.reconnect();
    return tries > often;
  });
  stop.abort();
  await running;
  expect(lines.filter(({ level }) => level !== "debug")).toEqual([]);
});
