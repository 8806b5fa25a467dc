import { expect, test } from "bun:test";
import { once } from "node:events";
import { linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isLocked } from "../os/flock.ts";
import { silentLogger } from "../std/logfmt.ts";
import { pollUntil } from "../std/wait.ts";
import type { ComponentStatus } from "../supervisor/component.ts";
import { configurationServer } from "./configuration.ts";
import { createStatusServer, statusReport, type StatusSources } from "./server.ts";
import {
  queryComponents,
  queryObject,
  queryStatus,
  requestConfiguration,
  requestLogLevel,
} from "./client.ts";

const since = new Date("2026-11-23T10:00:00Z");
const ready: ComponentStatus = { name: "etcd", state: "ready", since, restarts: 0, pid: 42 };

const well: StatusSources["observer"] = {
  apiFailure: () => null,
  hostProblems: () => [],
  clusterProblems: () => [],
  readiness: () => ({ ready: true, nodeReady: true, waitingFor: [], readyPods: 1 }),
  details: () => ({}),
};

function sources(changes: Partial<StatusSources> = {}): StatusSources {
  return {
    version: "v1.37.2+k0s.0",
    role: "controller",
    workloads: false,
    singleNode: true,
    startedAt: since,
    k0sVars: { DataDir: "/var/lib/k0s" },
    clusterConfig: () => ({ kind: "ClusterConfig" }),
    componentStatuses: () => [ready],
    observer: well,
    ...changes,
  };
}

async function withServer(from: StatusSources, use: (socket: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "k0s-status-"));
  const socketPath = join(dir, "status.sock");
  await leaveDeadSocket(socketPath);
  const server = createStatusServer({ socketPath, runDir: dir, sources: from, log: silentLogger() });
  await server.start(new AbortController().signal);
  try {
    await use(socketPath);
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true });
  }
}

/** What a killed k0s leaves there. */
async function leaveDeadSocket(path: string): Promise<void> {
  const server = createServer().listen(`${path}.first`);
  await once(server, "listening");
  linkSync(`${path}.first`, path);
  await new Promise((closed) => server.close(closed));
}

test("a file in the directory of k0s is what a crash of the machine has left", async () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-status-"));
  const socketPath = join(dir, "status.sock");
  writeFileSync(socketPath, "");
  const server = createStatusServer({ socketPath, runDir: dir, sources: sources(), log: silentLogger() });
  try {
    await server.start(new AbortController().signal);
    expect((await queryStatus(socketPath)).Pid).toBe(process.pid);
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true });
  }
});

test("a file elsewhere that is no socket is not deleted", async () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-status-"));
  const socketPath = join(dir, "precious");
  writeFileSync(socketPath, "mine");
  const server = createStatusServer({
    socketPath,
    runDir: "/run/k0s",
    sources: sources(),
    log: silentLogger(),
  });
  try {
    const started = Promise.resolve(server.start(new AbortController().signal));
    expect(String(await started.catch((err: unknown) => err))).toContain("is a file that is not a socket");
    expect(readFileSync(socketPath, "utf8")).toBe("mine");
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("upstream's fields and ours", async () => {
  await withServer(sources(), async (socket) => {
    const report = await queryStatus(socket);
    expect(report).toMatchObject({
      Version: "v1.37.2+k0s.0",
      Pid: process.pid,
      PPid: 0,
      Role: "controller",
      Workloads: false,
      SingleNode: true,
      Healthy: true,
    });
    expect(report.Components).toEqual([
      { name: "etcd", state: "ready", since: since.toISOString(), restarts: 0, pid: 42 },
    ]);
    expect(report.WorkerToAPIConnectionStatus).toEqual({ Message: "", Success: false });
    expect(await queryComponents(socket, 1)).toEqual({ healthProbes: {}, events: {} });
  });
});

test("what is wrong is told with the causes first", async () => {
  const failing = sources({
    workloads: true,
    componentStatuses: () => [ready, { ...ready, name: "kubelet", state: "failed", lastError: "no disk" }],
    troubles: () => [{ text: "cannot reach the API server", remedy: "Is the address right?" }],
    observer: {
      ...well,
      apiFailure: () => "connection refused",
      hostProblems: () => [{ text: "the disk is full", remedy: "free some space" }],
      clusterProblems: () => [{ text: "node n is not Ready" }],
      readiness: () => ({ ready: false, nodeReady: false, waitingFor: ["the node"], readyPods: 0 }),
    },
  });
  await withServer(failing, async (socket) => {
    const report = await queryStatus(socket);
    expect(report.Healthy).toBe(false);
    expect(report.Problems).toEqual([
      "cannot reach the API server. Is the address right?",
      "the disk is full; free some space",
      "kubelet has failed: no disk",
      "the API server does not answer this node: connection refused",
      "node n is not Ready",
    ]);
    expect(report.Cluster).toEqual({ Ready: false, WaitingFor: ["the node"] });
    expect(report.WorkerToAPIConnectionStatus).toEqual({ Message: "connection refused", Success: false });
  });
});

test("that nobody watches the components is said", async () => {
  const prober = {
    report: () => ({ healthProbes: {}, events: {} }),
    failure: () => "the round of health checks hangs for 2m",
  };
  await withServer(sources({ prober }), async (socket) => {
    expect((await queryStatus(socket)).Problems).toEqual([
      "k0s does not watch its components: the round of health checks hangs for 2m; restart k0s, and report what its log says",
    ]);
  });
});

test("the answer does not wait for what hangs", async () => {
  const never = () => new Promise<never>(() => undefined);
  const hanging = sources({ tunnels: never, charts: never });
  await withServer(hanging, async (socket) => {
    expect(await queryStatus(socket, AbortSignal.timeout(4_000))).toMatchObject({ Healthy: true });
  });
});

test("a k0s that is there and does not answer is said to be that", async () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-status-"));
  const socketPath = join(dir, "status.sock");
  const server = Bun.listen({ unix: socketPath, socket: { data: () => undefined } });
  try {
    const failure = await queryStatus(socketPath, undefined, 100).catch(String);
    expect(failure).toContain("k0s does not answer within 100ms");
  } finally {
    server.stop(true);
    rmSync(dir, { recursive: true });
  }
});

test("an answer that a slow host gives late is waited for; a k0s that is stopped is not", async () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-status-"));
  const socketPath = join(dir, "status.sock");
  const lock = join(dir, "k0s.yaml.lock");
  writeFileSync(lock, "");
  const server = Bun.serve({
    unix: socketPath,
    fetch: async () => {
      await Bun.sleep(2_500);
      return Response.json({ Healthy: true });
    },
  });
  const holder = Bun.spawn(["flock", "--no-fork", lock, "sleep", "60"]);
  try {
    await pollUntil(() => isLocked(lock), { what: "the lock", intervalMs: 10, timeoutMs: 10_000 });
    expect(await queryStatus(socketPath)).toMatchObject({ Healthy: true });
    holder.kill("SIGSTOP");
    const failure = await queryStatus(socketPath).catch(String);
    expect(failure).toContain("k0s does not answer within 2s");
  } finally {
    holder.kill("SIGKILL");
    await server.stop(true);
    rmSync(dir, { recursive: true });
  }
}, 20_000);

test("a second server on the same socket is refused, nobody there is an error", async () => {
  await withServer(sources(), async (socketPath) => {
    const second = createStatusServer({
      socketPath,
      runDir: dirname(socketPath),
      sources: sources(),
      log: silentLogger(),
    });
    expect(second.start(new AbortController().signal)).rejects.toThrow("already listens");
    expect(await queryStatus(socketPath)).toMatchObject({ Healthy: true });
  });
  expect(queryStatus("/nonexistent/status.sock")).rejects.toThrow("no k0s answers");
});

test("a deleted node comes before the processes that end because of it", async () => {
  const kubeProxy: ComponentStatus = {
    ...ready,
    name: "kube-proxy",
    state: "backing-off",
    lastExit: "ended",
  };
  const deleted = { text: "node n was deleted", endsProcesses: true } as const;
  const observer = { ...well, clusterProblems: () => [{ text: "pod p crashes" }, deleted] };
  const from = sources({ observer, componentStatuses: () => [kubeProxy] });
  const { Problems } = await statusReport(from, new AbortController().signal);
  expect(Problems.map((text) => text.split(/ (?:is|was|crashes)/)[0])).toEqual([
    "node n",
    "kube-proxy",
    "pod p",
  ]);
});

test("the service manager and the service's file are told, as k0sctl and upstream's status name them", async () => {
  const { signal } = new AbortController();
  const none = await statusReport(sources(), signal);
  expect([none.SysInit, none.StubFile]).toEqual(["", ""]);
  const definition = "/etc/systemd/system/k0sworker.service";
  const service = async () => ({ platform: "linux-systemd", definition });
  const report = await statusReport(sources({ service }), signal);
  expect([report.SysInit, report.StubFile]).toEqual(["linux-systemd", definition]);
});

test("a log level is changed through the socket, where something runs", async () => {
  const asked: unknown[] = [];
  const logLevels = {
    set: (component: string, change: unknown) => {
      asked.push([component, change]);
      return true;
    },
    restart: async (component: string) => void asked.push(component),
  };
  const request = { component: "etcd", restart: true, shown: "info", own: "debug" } as const;
  await withServer(sources({ logLevels }), async (socket) => {
    expect(await requestLogLevel(socket, request)).toEqual({ outcome: "changed" });
  });
  expect(asked).toEqual([["etcd", { shown: "info", own: "debug" }], "etcd"]);
  await withServer(sources(), async (socket) => {
    expect(requestLogLevel(socket, request)).rejects.toThrow("405");
  });
});

test("Helm charts are in it, and one that failed does not make the node ill", async () => {
  const chart = {
    name: "web",
    phase: "Failed",
    namespace: "shop",
    release: "web",
    version: "",
    revision: 0,
  } as const;
  const charts = [{ ...chart, message: "no such chart" }];
  await withServer(sources({ charts: async () => charts }), async (socket) => {
    expect(await queryStatus(socket)).toMatchObject({ Charts: charts, Healthy: true });
  });
});

test("to ask for the object changes nothing on a k0s of before, which took what it did not know for a change", async () => {
  const asked: string[] = [];
  const dir = mkdtempSync(join(tmpdir(), "k0s-status-"));
  const before = Bun.serve({
    unix: join(dir, "status.sock"),
    fetch(request) {
      asked.push(request.method);
      if (request.method === "PUT") return Response.json({ job: 1 });
      return new Response("404 page not found\n", { status: 404 });
    },
  });
  try {
    expect(await queryObject(join(dir, "status.sock"))).toBeUndefined();
    expect(asked).toEqual(["GET"]);
  } finally {
    await before.stop(true);
    rmSync(dir, { recursive: true });
  }
});

test("what a later k0s asks of the configuration does not become a change", async () => {
  const applied: unknown[] = [];
  const nothing = { changes: [], refused: [], steps: [] };
  const configuration = configurationServer({
    plan: async () => nothing,
    apply: async (given) => (applied.push(given), nothing),
  });
  await withServer(sources({ configuration }), async (socket) => {
    expect(await queryObject(socket)).toEqual({});
    const later = { action: "explain" } as unknown as Parameters<typeof requestConfiguration>[1];
    const said = await requestConfiguration(socket, later).then(() => "done", String);
    expect(said).toContain('does not know the action \\"explain\\"');
    expect(applied).toEqual([]);
    await requestConfiguration(socket, { action: "apply" });
    expect(applied).toEqual([{ action: "apply" }]);
  });
});
