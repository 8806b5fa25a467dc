import { afterAll, beforeAll, expect, test } from "bun:test";
import { createInformer } from "../../../src/kube/informer.ts";
import { createLeaseObserver, isAlive } from "../../../src/kube/lease-observer.ts";
import { type Lease, leaseKind } from "../../../src/kube/objects/lease.ts";
import { createLeaderElector } from "../../../src/kube/lease.ts";
import { ownConnections } from "../../../src/kube/own-connections.ts";
import { kubeClientOn } from "../../../src/kube/client.ts";
import { createTransport } from "../../../src/kube/transport.ts";
import { agentPods, tunnelNodes } from "../../../src/components/konnectivity/tunnels/tables.ts";
import type { KubeObject, KubeResource } from "../../../src/kube/types.ts";
import { pollUntil } from "../../../src/std/wait.ts";
import { startTestApiServer } from "./api-server.ts";
import type { TestApiServer } from "./api-server.ts";
import { memoryLog } from "./memory-log.ts";

let api: TestApiServer;
const log = memoryLog();
const kind = { apiVersion: "v1", kind: "ConfigMap" };
const timing = {
  watchSeconds: [300, 600],
  silenceMs: 150_000,
  relistMs: 900_000,
  stableMs: 100,
  backoff: { firstMs: 50, longestMs: 500 },
} as const;

beforeAll(async () => {
  api = await startTestApiServer();
}, 400_000);

afterAll(async () => {
  await api?.stop();
});

const configMap = (name: string): KubeResource => ({
  ...kind,
  metadata: { name, namespace: "default", labels: { test: "informer" } },
});
const soon = <T>(what: string, probe: () => T, timeoutMs = 120_000) =>
  pollUntil(probe, { what, intervalMs: 10, timeoutMs });

test("an informer follows over the API server's death", async () => {
  const stop = new AbortController();
  const changes: string[] = [];
  const informer = createInformer({
    client: api.client,
    kind,
    namespace: "default",
    labelSelector: "test=informer",
    log,
    timing,
    onChange: ({ reason, object }) => changes.push(`${reason} ${object?.metadata.name ?? ""}`.trim()),
  });
  await api.client.create(configMap("before"));
  const running = informer.run(stop.signal);
  await informer.synced(AbortSignal.timeout(120_000));
  expect(informer.items().map((item) => item.metadata.name)).toEqual(["before"]);
  await api.client.create(configMap("second"));
  await soon("the event", () => informer.get("second", "default"));
  await api.client.delete({ ...kind, namespace: "default", name: "before" });
  await soon("the deletion", () => informer.get("before", "default") === undefined);
  expect(changes).toEqual(["listed", "added second", "deleted before"]);
  await api.kill();
  await Bun.sleep(300);
  await api.restart();
  await api.client.create(configMap("after"));
  await soon("the event after the restart", () => informer.get("after", "default"));
  expect(informer.items()).toHaveLength(2);
  stop.abort();
  await running;
}, 400_000);

test("a watch that falls silent is replaced", async () => {
  const stop = new AbortController();
  const informer = createInformer({
    client: api.client,
    kind,
    fieldSelector: "metadata.name=quiet",
    log,
    timing: { ...timing, silenceMs: 500 },
  });
  const running = informer.run(stop.signal);
  await informer.synced(AbortSignal.timeout(120_000));
  // Several watches die meanwhile; none of them may lose the event.
  await Bun.sleep(2_000);
  await api.client.create(configMap("quiet"));
  await soon("the event", () => informer.get("quiet", "default"));
  stop.abort();
  await running;
}, 300_000);

test("one of two candidates leads, and the other when it stops", async () => {
  const leaseTiming = { leaseDurationMs: 600_000, renewDeadlineMs: 300_000, retryPeriodMs: 200 };
  // Over their own connections, with the certificate of an administrator: as on a controller.
  const { server, pki } = api;
  const credentials = { ca: pki.ca, ...(await pki.issue("admin", ["system:masters"])) };
  const leaseClient = kubeClientOn(
    createTransport({ server, credentials: () => credentials, connect: ownConnections }),
  );
  const candidate = (identity: string) => {
    const stop = new AbortController();
    const elector = createLeaderElector({
      client: async () => leaseClient,
      name: "test",
      namespace: "kube-node-lease",
      holder: { identity },
      log,
      timing: leaseTiming,
    });
    return { elector, stop, running: elector.run(stop.signal) };
  };
  const one = candidate("one");
  await soon("the first to lead", () => one.elector.isLeader);
  const two = candidate("two");
  await Bun.sleep(1_000);
  expect([one.elector.isLeader, two.elector.isLeader]).toEqual([true, false]);
  one.stop.abort();
  await one.running;
  // Released: it would run out much later.
  await soon("the second to lead", () => two.elector.isLeader);
  const lease = await api.client.get<Lease>({
    ...leaseKind,
    namespace: "kube-node-lease",
    name: "test",
  });
  expect(lease.spec).toMatchObject({ holderIdentity: "two", leaseTransitions: 1 });
  expect(isAlive(lease, createLeaseObserver().ageMs(lease))).toBe(true);
  two.stop.abort();
  await two.running;
}, 300_000);

test("by metadata only labels and annotations come over the wire, in the list and in the watch", async () => {
  const stop = new AbortController();
  const informer = createInformer({
    client: api.client,
    kind,
    namespace: "default",
    labelSelector: "test=metadata",
    metadataOnly: true,
    log,
    timing,
  });
  const labelled = (name: string): KubeObject => ({
    ...kind,
    metadata: { name, namespace: "default", labels: { test: "metadata" } },
    data: { large: "x".repeat(1_000) },
  });
  await api.client.create(labelled("listed"));
  const running = informer.run(stop.signal);
  await informer.synced(AbortSignal.timeout(120_000));
  await api.client.create(labelled("watched"));
  await soon("the event", () => informer.get("watched", "default"));
  for (const object of informer.items()) {
    expect([object.apiVersion, object.kind, object["data"]]).toEqual(["v1", "ConfigMap", undefined]);
    expect(object.metadata.labels).toEqual({ test: "metadata" });
  }
  stop.abort();
  await running;
}, 300_000);

test("a list is whole in any number of pages", async () => {
  const names = Array.from({ length: 7 }, (_, index) => `page-${index}`);
  for (const name of names)
    await api.client.create({ ...kind, metadata: { name, namespace: "default", labels: { test: "pages" } } });
  const list = await api.client.list(kind, { labelSelector: "test=pages", pageSize: 3 });
  expect(list.items.map(({ metadata }) => metadata.name)).toEqual(names);
  expect(Number(list.resourceVersion)).toBeGreaterThan(0);
}, 300_000);

test("the tables of nodes and agents have the columns that reports on tunnels read", async () => {
  const node = (name: string, ready: string, ...addresses: string[]): KubeObject => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name },
    spec: { unschedulable: name === "cordoned" },
    status: {
      addresses: addresses.map((address) => ({ type: "InternalIP", address })),
      conditions: [{ type: "Ready", status: ready }],
    },
  });
  const bare = { apiVersion: "v1", kind: "Node", metadata: { name: "bare" } };
  const nodes = [
    node("ready", "True", "192.0.2.1", "2001:db8::1"),
    node("lost", "Unknown", "192.0.2.2"),
    node("cordoned", "True", "192.0.2.3"),
    bare,
  ];
  for (const each of nodes) {
    const created = await api.client.create<KubeObject>(each);
    await api.client.update<KubeObject>(
      { ...created, ...("status" in each ? { status: each["status"] } : {}) },
      { subresource: "status" },
    );
  }
  const signal = AbortSignal.timeout(60_000);
  const found = await tunnelNodes(api.client, signal);
  expect(found.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
    { name: "bare", address: "", ready: false },
    { name: "cordoned", address: "192.0.2.3", ready: true },
    { name: "lost", address: "192.0.2.2", ready: false },
    { name: "ready", address: "192.0.2.1", ready: true },
  ]);
  expect(await agentPods(api.client, signal)).toEqual([]);
}, 300_000);
