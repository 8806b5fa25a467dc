import { describe, expect, test } from "bun:test";
import { createLeaseObserver, isAlive } from "./lease-observer.ts";
import { type Lease, leaseKind } from "./objects/lease.ts";

const wall = Date.parse("2026-01-01T12:00:00Z");

function lease(version: number, renewedAgoMs: number, holder = "run-1"): Lease {
  const renewTime = new Date(wall - renewedAgoMs).toISOString();
  return {
    ...leaseKind,
    metadata: { namespace: "kube-node-lease", name: "x", uid: "u", resourceVersion: `${version}` },
    spec: { holderIdentity: holder, leaseDurationSeconds: 60, renewTime },
  };
}

/** An observer whose clocks the test turns. */
function observed(clockDifferenceMs?: number) {
  const clock = { now: 5_000, wall };
  const observer = createLeaseObserver({
    now: () => clock.now,
    wallClock: () => clock.wall,
    ...(clockDifferenceMs === undefined ? {} : { clockDifferenceMs }),
  });
  const alive = (one: Lease): boolean => isAlive(one, observer.ageMs(one));
  return { clock, observer, alive };
}

describe("a lease is alive", () => {
  test("while it changes, however wrong the holder's clock is", () => {
    const { clock, alive } = observed();
    for (let version = 1; version < 50; version++) {
      clock.now += 10_000;
      expect(alive(lease(version, 300_000))).toBe(true);
      expect(alive(lease(version, -3_600_000))).toBe(true);
    }
  });

  test("and dead when it has not changed for its duration, however often it is looked at", () => {
    const { clock, alive } = observed();
    expect(alive(lease(1, 0))).toBe(true);
    for (let second = 1; second < 60; second++) {
      clock.now += 1_000;
      expect(alive(lease(1, 0))).toBe(true);
    }
    clock.now += 1_000;
    expect(alive(lease(1, 0))).toBe(false);
    expect(alive(lease(2, 0))).toBe(true);
  });

  test("whatever our own wall clock does meanwhile, within what clocks may differ by", () => {
    const { clock, alive } = observed();
    alive(lease(1, 0));
    clock.wall += 500_000;
    expect(alive(lease(1, 0))).toBe(true);
    clock.wall -= 86_400_000;
    expect(alive(lease(1, 0))).toBe(true);
  });

  test("not if it ran out long before we first saw it, was released, or was never renewed", () => {
    const { alive } = observed();
    expect(alive(lease(1, 700_000))).toBe(false);
    expect(alive(lease(2, 0, ""))).toBe(false);
    const { renewTime: _, ...spec } = lease(3, 0).spec ?? {};
    expect(alive({ ...lease(3, 0), spec })).toBe(false);
  });

  test("for one look, by the wall clock", () => {
    expect(observed(0).alive(lease(1, 59_000))).toBe(true);
    expect(observed(0).alive(lease(1, 61_000))).toBe(false);
  });
});

test("one that was deleted and made again with the same version is another one", () => {
  const { clock, observer } = observed();
  observer.silentMs(lease(1, 0));
  clock.now += 90_000;
  expect(observer.silentMs(lease(1, 0))).toBe(90_000);
  const again = lease(1, 0);
  expect(observer.silentMs({ ...again, metadata: { ...again.metadata, uid: "v" } })).toBe(0);
});

test("what is remembered has a limit", () => {
  const { clock, observer } = observed();
  const named = (name: string): Lease => ({ ...lease(1, 0), metadata: { name, resourceVersion: "1" } });
  observer.silentMs(named("first"));
  clock.now += 1_000;
  for (let index = 0; index < 2_000; index++) observer.silentMs(named(`n${index}`));
  expect(observer.silentMs(named("first"))).toBe(0);
  expect(observer.silentMs(named("n1999"))).toBe(0);
});
