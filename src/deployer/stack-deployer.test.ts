import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alwaysLeader, createLeaderElector } from "../kube/lease.ts";
import type { LogFields, Logger } from "../std/log.ts";
import { pollUntil } from "../std/wait.ts";
import { createStackDeployer } from "./stack-deployer.ts";
import type { StackDeployer } from "./stack-deployer.ts";
import { fakeApiServer, fakeKinds } from "./testdata/fake-api-server.ts";
import type { FakeApiServer, FakeKind } from "./testdata/fake-api-server.ts";
import { manifest } from "./testdata/folder-world.ts";
import { controllerRole } from "../roles/controller.ts";
import { systemStacksOf } from "../roles/folds/workloads.ts";

let dir: string;
let deployer: StackDeployer | undefined;
let lines: { message: string; fields: LogFields }[];
const log: Logger = recorder({});

function recorder(base: LogFields): Logger {
  const add = (message: string, fields: LogFields = {}): void => {
    lines.push({ message, fields: { ...base, ...fields } });
  };
  return {
    debug: () => undefined,
    info: add,
    warn: add,
    error: add,
    with: (fields) => recorder({ ...base, ...fields }),
  };
}

beforeEach(async () => {
  lines = [];
  dir = await mkdtemp(join(tmpdir(), "k0s-deployer-"));
  await mkdir(join(dir, "m"));
});
afterEach(async () => {
  await deployer?.stop();
  await rm(dir, { recursive: true, force: true });
});

async function start(api: FakeApiServer, driftMs = 3_600_000): Promise<StackDeployer> {
  deployer = createStackDeployer({
    client: async () => api.client,
    systemStacks: systemStacksOf(controllerRole),
    manifestsDir: join(dir, "m"),
    inventoryDir: join(dir, "deployed"),
    under: "",
    machine: "m",
    leader: alwaysLeader(),
    log,
    timing: {
      replacedMs: 10,
      writtenMs: 20,
      pollMs: 100,
      driftMs,
      grace: { ordinaryMs: 100, preciousMs: 200 },
    },
  });
  await deployer.start(AbortSignal.timeout(60_000));
  return deployer;
}
const soon = <T>(what: string, probe: () => T) =>
  pollUntil(probe, { what, intervalMs: 5, timeoutMs: 60_000 });
const write = async (stack: string, file: string, text: string): Promise<void> => {
  await mkdir(join(dir, "m", stack), { recursive: true });
  await writeFile(join(dir, "m", stack, file), text);
};

describe("many stacks", () => {
  const stacks = 200;
  const kinds: FakeKind[] = [
    ...fakeKinds,
    { apiVersion: "coordination.k8s.io/v1", kind: "Lease", plural: "leases", namespaced: true },
    ...Array.from({ length: 71 - fakeKinds.length - 1 }, (_none, at) => ({
      apiVersion: `g${at % 9}.example.org/v1`,
      kind: `Kind${at}`,
      plural: `kind${at}s`,
      namespaced: true,
    })),
  ];

  test("200 stacks of 5 objects, 71 kinds: a look costs a list a kind, and the lease is held", async () => {
    const api = fakeApiServer(kinds);
    for (let at = 0; at < stacks; at++) {
      const objects = [
        manifest("Namespace", `n${at}`),
        ...["a", "b"].map((name) => manifest("ConfigMap", `${name}${at}`)),
        manifest("Secret", `s${at}`),
        manifest("PersistentVolumeClaim", `p${at}`),
      ];
      await write(`stack-${at}`, "all.yaml", objects.join("---\n"));
    }
    // A server that takes a while for each request, with a lease renewed beside.
    let ahead = 0;
    let inFlight = 0;
    api.before = async ({ path }) => {
      if (path.includes("/leases")) ahead = Math.max(ahead, inFlight);
      inFlight += 1;
      await Bun.sleep(1);
      inFlight -= 1;
    };
    const changes: boolean[] = [];
    const elector = createLeaderElector({
      client: async () => api.client,
      name: "leader",
      holder: { identity: "me" },
      log,
      timing: { leaseDurationMs: 60_000, renewDeadlineMs: 15_000, retryPeriodMs: 20 },
    });
    elector.onChange((leading) => changes.push(leading));
    const stop = new AbortController();
    const campaign = elector.run(stop.signal);
    await start(api, 200);
    await soon("all objects", () => api.objects().size >= stacks * 5 && lines.length > 0);
    // Until the sweep has been: some kind that no stack has was listed.
    api.requests.length = 0;
    const lists = () =>
      api.requests.filter((line) => line.startsWith("GET /api") && line.split("/").length <= 5);
    await soon("a sweep", () => lists().some((line) => line.includes("kind3s")));
    await soon("a look after it", () => lists().filter((line) => line.endsWith("/secrets")).length >= 4);
    const writes = api.requests.filter((line) => line.startsWith("PATCH") && !line.includes("/leases"));
    // A round lists each kind once, however many stacks there are; every tenth lists all kinds.
    const counts = [...Map.groupBy(lists(), (line) => line).values()].map((group) => group.length);
    const rounds = Math.max(...counts);
    const sweeps = lists().filter((line) => line.includes("kind3s")).length;
    expect(sweeps).toBeLessThanOrEqual(1 + rounds / 10);
    expect(lists().length).toBeLessThanOrEqual(rounds * 8 + sweeps * 71);
    expect(rounds).toBeLessThan(30);
    // The first look after the start takes nothing for granted: each object is applied once more, and then no more.
    expect(writes.length).toBeLessThanOrEqual(stacks * 5);
    // 16 of the deployer, and some that do not belong to its bulk: discovery, events.
    expect(ahead).toBeLessThanOrEqual(24);
    expect(api.deleted).toEqual([]);
    stop.abort();
    await campaign;
    expect(changes).toEqual([false, true, false]);
  }, 60_000);
});

describe("names that a folder cannot have", () => {
  test.each(["etcd", "k0s-worker-config-1.37", "bootstraprbac", "helm", "k0s-worker-config-", "no label"])(
    "%s: ignored, with a note, and said once",
    async (name) => {
      const api = fakeApiServer();
      await api.client.create({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "precious", namespace: "kube-system", labels: { "k0s.k0sproject.io/stack": name } },
      });
      await write(name, "x.yaml", manifest("ConfigMap", "x"));
      await write("good", "x.yaml", manifest("ConfigMap", "good"));
      await start(api, 50);
      await soon("the good one", () => api.object("ConfigMap default/good"));
      await Bun.sleep(300);
      // Beside the status of stacks, which k0s writes itself.
      const objects = [...api.objects().keys()].filter((key) => !key.endsWith("/k0s-stacks"));
      expect(objects.sort()).toEqual(["ConfigMap default/good", "ConfigMap kube-system/precious"]);
      expect(await readFile(join(dir, "m", name, "ignored.txt"), "utf8")).toContain("are ignored");
      expect(lines.filter(({ fields }) => fields["path"] === join(dir, "m", name))).toHaveLength(1);
    },
  );
});

test("a file beside the stacks is said once, before the start and later, and disturbs nothing", async () => {
  const api = fakeApiServer();
  await writeFile(join(dir, "m", "early.yaml"), manifest("ConfigMap", "early"));
  await start(api, 100);
  await writeFile(join(dir, "m", "late.yaml"), manifest("ConfigMap", "late"));
  const ignored = () =>
    lines
      .filter(({ message }) => message === "A file among the manifests is ignored")
      .map(({ fields }) => String(fields["path"]))
      .sort();
  await soon("both", () => ignored().length >= 2);
  await Bun.sleep(300);
  expect(ignored()).toEqual([join(dir, "m", "early.yaml"), join(dir, "m", "late.yaml")]);
  expect(lines.filter(({ message }) => message.includes("failed"))).toEqual([]);
  expect(api.objects().size).toBe(0);
});

test("a folder that went leaves no record behind, and a new one of the name begins as any other", async () => {
  const api = fakeApiServer();
  await write("app", "x.yaml", manifest("ConfigMap", "x"));
  await start(api, 100);
  await soon("x", () => api.object("ConfigMap default/x"));
  await rm(join(dir, "m", "app"), { recursive: true });
  await soon("x to go", () => api.object("ConfigMap default/x") === undefined);
  await pollUntil(async () => (await readdir(join(dir, "deployed"))).join() === "controller-id", {
    what: "the record to go",
    intervalMs: 10,
    timeoutMs: 60_000,
  });
  await write("app", "x.yaml", manifest("ConfigMap", "x"));
  await soon("x again", () => api.object("ConfigMap default/x"));
});

test("a folder renamed while k0s runs takes its objects along", async () => {
  const api = fakeApiServer();
  await write("q", "all.yaml", [manifest("Namespace", "prod"), manifest("ConfigMap", "a")].join("---\n"));
  await start(api, 50);
  const before = await soon("prod", () => api.object("Namespace prod"));
  await rename(join(dir, "m", "q"), join(dir, "m", "r"));
  const label = () => api.object("Namespace prod")?.metadata.labels?.["k0s.k0sproject.io/stack"];
  await soon("the label", () => label() === "r");
  await Bun.sleep(600);
  expect(api.deleted).toEqual([]);
  expect(api.object("Namespace prod")?.metadata.uid).toBe(before.metadata.uid ?? "");
});

test("kinds that nobody has changed are listed with all kinds only; what others delete is seen all the same", async () => {
  const api = fakeApiServer();
  api.watches = true;
  await write("app", "x.yaml", manifest("ConfigMap", "x"));
  await start(api, 20);
  const asked = (line: string): number => api.requests.filter((one) => one === line).length;
  // Only a look at all kinds is interested in these.
  const sweeps = (): number => asked("GET /apis/example.com/v1/gadgets");
  await soon("a look at all kinds", () => sweeps() === 1);
  await soon("a watch", () => asked("WATCH /api/v1/configmaps") === 1);
  await soon("what is written after the start", () => sweeps() === 2);
  api.requests.length = 0;
  await soon("nine looks between two at all kinds, twice", () => sweeps() === 3);
  expect(asked("GET /api/v1/configmaps")).toBeLessThanOrEqual(4);
  expect(asked("WATCH /api/v1/configmaps")).toBe(0);
  const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "x" };
  expect(await api.client.delete(ref)).toBe(true);
  await soon("x again", () => api.object("ConfigMap default/x"));
}, 60_000);

test("a stack that could not be read when all were looked at looks itself, and takes nothing back", async () => {
  const api = fakeApiServer();
  const good = `${manifest("Secret", "s")}stringData: {key: mine}\n`;
  await write("other", "x.yaml", manifest("ConfigMap", "x"));
  await write("app", "s.yaml", good);
  await start(api, 30);
  await soon("both", () => api.object("Secret default/s") && api.object("ConfigMap default/x"));
  const ref = { apiVersion: "v1", kind: "Secret", namespace: "default", name: "s" };
  const taken = { stringData: { key: "theirs" } };
  await api.client.patch(ref, "merge", taken, { fieldManager: "cainjector" });
  for (let times = 0; times < 5; times++) {
    await write("app", "s.yaml", "a: b: c");
    const mended = Promise.withResolvers<void>();
    let looks = 0;
    // The folders have been read by then, and the cluster is about to be.
    api.before = async ({ path, method = "GET" }) => {
      if (method !== "GET" || !path.startsWith("/api/v1/configmaps") || ++looks < 2) return;
      api.before = async () => undefined;
      await write("app", "s.yaml", good);
      mended.resolve();
    };
    await mended.promise;
    await Bun.sleep(60);
    expect(api.object("Secret default/s")).toMatchObject(taken);
  }
}, 60_000);

test("a stack that failed and whose folder was deleted is told to be removed, once, and not to be applied", async () => {
  const api = fakeApiServer();
  await write("app", "x.yaml", manifest("ConfigMap", "x"));
  await start(api);
  await soon("x", () => api.object("ConfigMap default/x"));
  await write("app", "y.yaml", "a: b: c");
  const told = () =>
    [...api.objects().values()].flatMap(({ kind, ...event }) =>
      kind === "Event" ? [String(event["reason"])] : [],
    );
  await soon("the failure", () => told().includes("StackFailed"));
  await rm(join(dir, "m", "app"), { recursive: true });
  await soon("x to go", () => api.object("ConfigMap default/x") === undefined);
  await soon("its end", () => told().length > 1);
  await Bun.sleep(300);
  expect(told()).toEqual(["StackFailed", "StackRemoved"]);
});

test("what is said of a system stack by its maker is in its status, and in an Event once", async () => {
  const api = fakeApiServer();
  const events = () => [...api.objects().keys()].filter((key) => key.startsWith("Event "));
  const files = new Map([
    ["coredns.yaml", [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } }]],
  ]);
  const started = await start(api, 50);
  await started.setStack("coredns", files);
  const status = (): string => JSON.stringify(api.object("ConfigMap kube-system/k0s-stacks")?.["data"]);
  await soon("the status", () => status()?.includes("coredns"));
  expect(status()).not.toContain("patches[0]");
  // Its manifests stay as they are.
  await started.setStack("coredns", files, ["patches[0] names nothing"]);
  await soon("the note", () => status().includes("patches[0] names nothing"));
  await soon("the Event", () => events().length > 0);
  const looks = api.requests.length;
  await soon("further looks", () => api.requests.length > looks + 5);
  expect(events().map((key) => api.object(key))).toEqual([
    expect.objectContaining({ reason: "StackNotice", message: "Stack coredns: patches[0] names nothing" }),
  ]);
  await started.setStack("coredns", files);
  await soon("its end", () => !status().includes("patches[0]"));
});
