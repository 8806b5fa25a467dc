import { afterAll, beforeAll, expect, test } from "bun:test";
import { createInformer } from "../../../src/kube/informer.ts";
import { createLeaderElector, isLeaseValid } from "../../../src/kube/lease.ts";
import type { Lease } from "../../../src/kube/lease.ts";
import type { KubeResource } from "../../../src/kube/types.ts";
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
  const candidate = (identity: string) => {
    const stop = new AbortController();
    const elector = createLeaderElector({
      client: api.client,
      name: "test",
      namespace: "kube-node-lease",
      identity,
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
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    namespace: "kube-node-lease",
    name: "test",
  });
  expect(lease.spec).toMatchObject({ holderIdentity: "two", leaseTransitions: 1 });
  expect(isLeaseValid(lease, Date.now())).toBe(true);
  two.stop.abort();
  await two.running;
}, 300_000);
