// What a renewal of a lease costs: one request, unless somebody else has changed it.

import { afterEach, beforeEach, expect, test } from "bun:test";
import { pollUntil } from "../std/wait.ts";
import { silentLog } from "../supervisor/testdata/recording-log.ts";
import { KubeError } from "./errors.ts";
import { createLeaderElector, type LeaderElectorOptions } from "./lease.ts";
import type { Lease } from "./objects/lease.ts";

let lease: Lease | undefined;
let version = 0;
const counts = { find: 0, create: 0, update: 0 };

const stored = (object: unknown): Lease => {
  const sent = object as Lease;
  lease = { ...sent, metadata: { ...sent.metadata, resourceVersion: `${++version}` } };
  return lease;
};

/** One lease, with optimistic concurrency. */
const server = {
  find: async () => {
    counts.find += 1;
    return lease;
  },
  create: async (object: unknown) => {
    counts.create += 1;
    return stored(object);
  },
  update: async (object: unknown) => {
    counts.update += 1;
    if (lease === undefined) throw new KubeError({ status: 404, reason: "NotFound", message: "gone" });
    if ((object as Lease).metadata.resourceVersion !== lease.metadata.resourceVersion)
      throw new KubeError({ status: 409, reason: "Conflict", message: "changed" });
    return stored(object);
  },
} as unknown as Awaited<ReturnType<LeaderElectorOptions["client"]>>;

let stopping = new AbortController();
beforeEach(() => (stopping = new AbortController()));
afterEach(() => stopping.abort());

test("who leads reads the lease only when somebody has changed or deleted it", async () => {
  const timing = { leaseDurationMs: 60_000, renewDeadlineMs: 30_000, retryPeriodMs: 10 };
  const elector = createLeaderElector({
    client: async () => server,
    name: "test",
    holder: { identity: "one" },
    log: silentLog,
    timing,
  });
  const running = elector.run(stopping.signal);
  const renewals = async (count: number): Promise<void> => {
    const from = counts.update;
    await pollUntil(() => counts.update >= from + count, {
      what: "renewals",
      intervalMs: 5,
      timeoutMs: 10_000,
    });
  };
  await renewals(5);
  expect([elector.isLeader, counts.find, counts.create]).toEqual([true, 1, 1]);

  if (lease === undefined) throw new Error("no lease");
  stored({ ...lease, metadata: { ...lease.metadata, labels: { a: "b" } } });
  await renewals(5);
  expect([elector.isLeader, counts.find, lease.metadata.labels]).toEqual([true, 2, { a: "b" }]);

  lease = undefined;
  await renewals(5);
  expect([elector.isLeader, counts.find, counts.create]).toEqual([true, 3, 2]);
  stopping.abort();
  await running;
});

test("who leads renews at its own pace, and what fails is tried again long before the next renewal", async () => {
  lease = undefined;
  const at: number[] = [];
  let broken = false;
  const noting = {
    ...server,
    update: async (object: Lease) => {
      at.push(performance.now());
      if (broken) throw new Error("no answer");
      return await server.update(object);
    },
  } as typeof server;
  const elector = createLeaderElector({
    client: async () => noting,
    name: "test",
    holder: { identity: "one" },
    log: silentLog,
    timing: { leaseDurationMs: 60_000, renewDeadlineMs: 30_000, retryPeriodMs: 20, renewPeriodMs: 400 },
  });
  const running = elector.run(stopping.signal);
  const until = (what: string, met: () => boolean): Promise<unknown> =>
    pollUntil(met, { what, intervalMs: 2, timeoutMs: 10_000 });
  await until("a renewal", () => at.length >= 2);
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(380);
  broken = true;
  await until("a renewal that fails", () => at.length >= 3);
  broken = false;
  await until("the next one", () => at.length >= 4);
  expect((at[3] ?? 0) - (at[2] ?? 0)).toBeLessThan(300);
  expect(elector.isLeader).toBe(true);
  stopping.abort();
  await running;
});
