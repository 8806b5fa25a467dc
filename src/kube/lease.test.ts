// Candidates on a server of leases that misbehaves on request: at most one leads, whatever clocks and hosts do.

import { afterEach, beforeEach, describe, expect, setSystemTime, test } from "bun:test";
import { pollUntil } from "../std/wait.ts";
import { silentLog } from "../supervisor/testdata/recording-log.ts";
import { kubeClientOn } from "./client.ts";
import type { Lease, LeaseHolder, LeasePlace } from "./objects/lease.ts";
import { createLeaderElector, type LeaderElector, type LeaderElectorOptions } from "./lease.ts";
import { ownConnections } from "./own-connections.ts";
import { createTransport } from "./transport.ts";

type Trouble = (request: Request) => Response | Promise<Response> | undefined;

/** One lease, with optimistic concurrency. */
class LeaseServer {
  lease: Lease | undefined;
  trouble: Trouble = () => undefined;
  requests = 0;
  #version = 0;
  readonly #server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: async (request) => {
      this.requests += 1;
      return (await this.trouble(request)) ?? (await this.#answer(request));
    },
  });
  readonly client = kubeClientOn(
    createTransport({
      server: `http://127.0.0.1:${this.#server.port}`,
      credentials: () => ({}),
      connect: ownConnections,
    }),
  );

  async #answer(request: Request): Promise<Response> {
    if (request.method === "GET")
      return this.lease === undefined ? refusal(404, "NotFound") : Response.json(this.lease);
    const sent = (await request.json()) as Lease;
    const known = this.lease?.metadata.resourceVersion;
    if (request.method === "POST" && known !== undefined) return refusal(409, "AlreadyExists");
    if (request.method === "PUT" && sent.metadata.resourceVersion !== known) return refusal(409, "Conflict");
    this.lease = { ...sent, metadata: { ...sent.metadata, resourceVersion: `${++this.#version}` } };
    return Response.json(this.lease);
  }

  stop(): Promise<void> {
    return this.#server.stop(true);
  }
}

function refusal(code: number, reason: string, headers: Record<string, string> = {}): Response {
  return Response.json({ kind: "Status", code, reason, message: reason }, { status: code, headers });
}

const timing = { leaseDurationMs: 60_000, renewDeadlineMs: 15_000, retryPeriodMs: 20 };
const place = (run: string, machine = ""): LeasePlace => ({ run, machine });

let server: LeaseServer;
const stops: (() => Promise<void>)[] = [];
beforeEach(() => {
  server = new LeaseServer();
});
afterEach(async () => {
  setSystemTime();
  server.trouble = () => undefined;
  for (const stop of stops.splice(0)) await stop();
  await server.stop();
});

interface Candidate extends LeaderElector {
  /** What `now` says, in milliseconds. */
  clock: number;
  stop(): Promise<void>;
  /** As by SIGKILL: nothing is released. */
  kill(): Promise<void>;
}

function candidate(holder: LeaseHolder, options: Partial<LeaderElectorOptions> = {}): Candidate {
  const stopping = new AbortController();
  const self = { clock: 0, dead: false };
  const elector = createLeaderElector({
    client: async () => {
      if (self.dead) throw new Error("dead");
      return server.client;
    },
    name: "test",
    holder,
    log: silentLog,
    timing,
    now: () => self.clock,
    ...options,
  });
  const running = elector.run(stopping.signal);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  stops.push(stop);
  return {
    ...elector,
    get isLeader() {
      return elector.isLeader;
    },
    get clock() {
      return self.clock;
    },
    set clock(value) {
      self.clock = value;
    },
    stop,
    kill() {
      self.dead = true;
      return stop();
    },
  };
}

const until = (what: string, probe: () => boolean): Promise<unknown> =>
  pollUntil(probe, { what, intervalMs: 5, timeoutMs: 10_000 });
const leads = (one: Candidate): Promise<unknown> => until("leadership", () => one.isLeader);
/** So many further requests have been answered. */
const rounds = async (count: number): Promise<void> => {
  const from = server.requests;
  await until("requests", () => server.requests >= from + count);
};

describe("who may take a lease", () => {
  test("a new run at the place of one that was killed, at once", async () => {
    const first = candidate({ identity: "one", place: place("boot-1") });
    await leads(first);
    await first.kill();
    await leads(candidate({ identity: "two", place: place("boot-1") }));
    expect(server.lease?.spec).toMatchObject({ holderIdentity: "two", leaseTransitions: 1 });
  });

  test("not a machine of the same name and the same image, while the holder lives", async () => {
    const one = candidate({ identity: "one", place: place("boot-1", "image") });
    await leads(one);
    const clone = candidate({ identity: "two", place: place("boot-2", "image") });
    for (let second = 0; second < 200; second += 1) {
      clone.clock += 1_000;
      if (second % 20 === 0) await rounds(4);
      expect([one.isLeader, clone.isLeader]).toEqual([true, false]);
    }
  });

  test("the same machine after a reboot, once the holder must have given up", async () => {
    const before = candidate({ identity: "one", place: place("boot-1", "image") });
    await leads(before);
    await before.kill();
    const after = candidate({ identity: "two", place: place("boot-2", "image") });
    await rounds(3);
    after.clock = timing.renewDeadlineMs;
    await rounds(3);
    expect(after.isLeader).toBe(false);
    after.clock = timing.renewDeadlineMs + timing.retryPeriodMs;
    await leads(after);
  });

  test("anybody else when it has not changed for its duration", async () => {
    const one = candidate({ identity: "one", place: place("boot-1") });
    await leads(one);
    await one.kill();
    const two = candidate({ identity: "two", place: place("boot-9") });
    await rounds(3);
    two.clock = timing.leaseDurationMs - 1;
    await rounds(3);
    expect(two.isLeader).toBe(false);
    two.clock = timing.leaseDurationMs;
    await leads(two);
  });

  test("a k0s of before is not left a note by which it would take the lease from whoever leads", async () => {
    server.lease = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: {
        name: "test",
        resourceVersion: "0",
        annotations: { "k0s.k0sproject.io/holder-host": "c1", kept: "yes" },
      },
      spec: { holderIdentity: "", leaseDurationSeconds: 1 },
    };
    await leads(candidate({ identity: "two", place: place("boot-2") }));
    expect(server.lease?.metadata.annotations).toMatchObject({ kept: "yes" });
    expect(server.lease?.metadata.annotations).not.toHaveProperty(["k0s.k0sproject.io/holder-host"]);
  });

  test("not by a place that an earlier holder has left written on it", async () => {
    const one = candidate({ identity: "one", place: place("boot-1") });
    await leads(one);
    await one.kill();
    // Upstream's k0s keeps annotations that it does not know.
    const held = server.lease;
    if (held === undefined) throw new Error("no lease");
    server.lease = { ...held, spec: { ...held.spec, holderIdentity: "upstream" } };
    const two = candidate({ identity: "two", place: place("boot-1") });
    await rounds(6);
    expect(two.isLeader).toBe(false);
  });
});

describe("clocks", () => {
  test("a jump of the wall clock makes nobody leader and takes it from nobody", async () => {
    const one = candidate({ identity: "one" });
    await leads(one);
    const two = candidate({ identity: "two" });
    for (const jumpMs of [86_400_000, -2 * 86_400_000, 86_400_000]) {
      setSystemTime(Date.now() + jumpMs);
      await rounds(8);
      expect([one.isLeader, two.isLeader]).toEqual([true, false]);
    }
  });

  test("a leader gives up after its deadline though the wall clock was set back", async () => {
    const one = candidate({ identity: "one" }, { timing: { ...timing, renewDeadlineMs: 200 } });
    await leads(one);
    setSystemTime(Date.now() - 86_400_000);
    server.trouble = () => refusal(500, "InternalError");
    await until("the end of the leadership", () => !one.isLeader);
  });

  test("a leader whose requests hang gives up, too", async () => {
    const one = candidate({ identity: "one" }, { timing: { ...timing, renewDeadlineMs: 200 } });
    await leads(one);
    server.trouble = () => new Promise(() => undefined);
    await until("the end of the leadership", () => !one.isLeader);
  });

  test("a process that stood still while the answer was on its way does not begin to lead with it", async () => {
    const one = candidate({ identity: "one" });
    const told: boolean[] = [];
    one.onChange((leading) => void told.push(leading));
    let writes = 0;
    server.trouble = ({ method }) => {
      if (method !== "GET" && ++writes <= 3) one.clock += timing.leaseDurationMs;
      return undefined;
    };
    await until("a write that was answered in time", () => writes > 3);
    await leads(one);
    expect(told).toEqual([false, true]);
  });

  test("a process that stood still for longer than the lease does not think that it leads", async () => {
    const one = candidate({ identity: "one" });
    await leads(one);
    server.trouble = () => refusal(500, "InternalError");
    one.clock += timing.leaseDurationMs;
    expect(one.isLeader).toBe(false);
  });
});

describe("a host that was suspended, whose monotonic clock stood still, and goes on", () => {
  /** Leads, and is then suspended for longer than its term; the server answers nothing until `answering` is called. */
  const resumed = async (): Promise<{ one: Candidate; told: boolean[]; answering: () => void }> => {
    let bootTime = 0;
    const one = candidate({ identity: "one", place: place("boot-1") }, { termClock: () => bootTime });
    const told: boolean[] = [];
    one.onChange((leading) => void told.push(leading));
    await leads(one);
    one.assertTerm();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    let waiting = 0;
    server.trouble = () => {
      waiting += 1;
      return promise as Promise<never>;
    };
    await until("a renewal under way", () => waiting > 0);
    bootTime += timing.renewDeadlineMs;
    const answering = (): void => {
      server.trouble = () => undefined;
      resolve(undefined);
    };
    return { one, told, answering };
  };

  test("may write nothing until the lease was renewed, and begins a new term with that", async () => {
    const { one, told, answering } = await resumed();
    expect(one.isLeader).toBe(false);
    expect(() => one.assertTerm()).toThrow("has not renewed the lease test in time");
    // Those who work in the term are told at once.
    expect(told).toEqual([false, true, false]);
    answering();
    await leads(one);
    one.assertTerm();
    expect(told).toEqual([false, true, false, true]);
  });

  test("ends its term also when nobody asks", async () => {
    const { one, told, answering } = await resumed();
    answering();
    await until("a new term", () => told.length === 4);
    expect(told).toEqual([false, true, false, true]);
    expect(one.isLeader).toBe(true);
  });

  test("does not come back while somebody else leads", async () => {
    const { one, answering } = await resumed();
    const held = server.lease;
    if (held === undefined) throw new Error("no lease");
    const metadata = { ...held.metadata, resourceVersion: "of two" };
    server.lease = { ...held, metadata, spec: { ...held.spec, holderIdentity: "two" } };
    answering();
    await rounds(6);
    expect(() => one.assertTerm()).toThrow();
  });
});

describe("trouble", () => {
  test("a busy server that sends others away for long does not cost the leadership", async () => {
    const one = candidate({ identity: "one" });
    await leads(one);
    let refused = 0;
    server.trouble = () => {
      refused += 1;
      return refused > 3 ? undefined : refusal(429, "TooManyRequests", { "retry-after": "60" });
    };
    await until("a renewal", () => refused > 5);
    expect(one.isLeader).toBe(true);
  });

  test("a candidate does as it is told", async () => {
    server.trouble = () => refusal(429, "TooManyRequests", { "retry-after": "60" });
    candidate({ identity: "one" });
    await until("the first request", () => server.requests > 0);
    await Bun.sleep(300);
    expect(server.requests).toBe(1);
  });

  test("neither a task nor a log that throws ends the campaign", async () => {
    const throwing = (): never => {
      throw new Error("ENOSPC");
    };
    const log = { debug: throwing, info: throwing, warn: throwing, error: throwing, with: () => log };
    const one = candidate({ identity: "one" }, { log });
    const told: boolean[] = [];
    one.onChange((leading) => {
      told.push(leading);
      if (leading) throw new Error("a task that cannot follow");
    });
    await leads(one);
    const renewed = server.lease?.spec?.renewTime;
    await until("a renewal", () => server.lease?.spec?.renewTime !== renewed);
    expect(told).toEqual([false, true]);
  });

  test("health tells that the lease cannot be asked for", async () => {
    server.trouble = () => refusal(403, "Forbidden");
    const one = candidate({ identity: "one" });
    await rounds(3);
    expect(() => one.health()).not.toThrow();
    one.clock = 61_000;
    expect(() => one.health()).toThrow(/^lease test has failed for 1m1s: .*Forbidden/);
  });
});

test("a lease that is yielded goes to the other one, and its renewals are not starved by 300 requests that hang", async () => {
  const hanging = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: () => new Promise<never>(() => undefined),
  });
  const end = new AbortController();
  const bulk = Array.from({ length: 300 }, () =>
    fetch(`http://127.0.0.1:${hanging.port}/`, { signal: end.signal }).catch(() => undefined),
  );
  const one = candidate({ identity: "one" });
  await leads(one);
  const two = candidate({ identity: "two" });
  await rounds(4);
  one.yield(60_000);
  await leads(two);
  expect(one.isLeader).toBe(false);
  end.abort();
  await Promise.all(bulk);
  await hanging.stop(true);
});
