import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { configDefaultsFor } from "../config/cluster-config.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { UserError } from "../std/errors.ts";
import { pollUntil, sleep } from "../std/wait.ts";
import type { Component } from "./component.ts";
import { ComponentGroup } from "./group.ts";
import type { ComponentGroupOptions } from "./group.ts";
import { awaitReady } from "./readiness.ts";
import { recordingLog, silentLog } from "./testdata/recording-log.ts";
import type { Logged } from "./testdata/recording-log.ts";

const never = new AbortController().signal;

interface Plan {
  readonly name: string;
  readonly dependsOn?: readonly string[];
  readonly startMs?: number;
  readonly readyMs?: number;
  readonly fails?: "init" | "start" | "ready" | "stop" | "reconcile";
}

/** A component that does nothing but take time, fail, and write down what happened to it. */
function component(plan: Plan, events: string[]): Component {
  const { name, dependsOn = [], startMs = 0, readyMs = 0, fails } = plan;
  const step = async (what: NonNullable<Plan["fails"]>, ms: number, signal?: AbortSignal): Promise<void> => {
    if (ms > 0) await sleep(ms, signal);
    if (fails === what) throw new UserError(`${name} cannot ${what}`, { hint: "Mend it." });
    events.push(`${what} ${name}`);
  };
  return {
    name,
    dependsOn: dependsOn.map((needed) => ({ name: needed })),
    init: (signal) => step("init", 0, signal),
    start: (signal) => {
      events.push(`call ${name}`);
      return step("start", startMs, signal);
    },
    ready: (signal) => step("ready", readyMs, signal),
    reconcile: () => step("reconcile", 0),
    stop: () => step("stop", 0),
  };
}

function group(
  plans: readonly Plan[],
  events: string[],
  more: Partial<ComponentGroupOptions> = {},
): ComponentGroup {
  const components = plans.map((plan) => component(plan, events));
  return new ComponentGroup({ name: "node", components, log: silentLog, ...more });
}

const only = (events: readonly string[], what: string) =>
  events.filter((event) => event.startsWith(`${what} `)).map((event) => event.slice(what.length + 1));

/** Random graphs without cycles: a component depends on some of those before it, but is listed anywhere. */
const graphs: fc.Arbitrary<readonly Plan[]> = fc.integer({ min: 1, max: 8 }).chain((count) => {
  const plans = Array.from({ length: count }, (_, index) =>
    fc.record({
      name: fc.constant(`c${index}`),
      dependsOn: fc.subarray(Array.from({ length: index }, (__, before) => `c${before}`)),
      startMs: fc.nat(3),
      readyMs: fc.nat(3),
    }),
  );
  return fc.tuple(...plans).chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));
});

test("nothing starts before what it depends on is ready, and all stop in reverse order of readiness", async () => {
  await fc.assert(
    fc.asyncProperty(graphs, async (plans) => {
      const events: string[] = [];
      const members = group(plans, events);
      await members.init(never);
      await members.start(never);
      for (const { name, dependsOn = [] } of plans) {
        for (const dependency of dependsOn) {
          expect(events.indexOf(`ready ${dependency}`)).toBeLessThan(events.indexOf(`call ${name}`));
        }
      }
      expect(members.statuses().every(({ state }) => state === "ready")).toBe(true);
      await members.stop();
      expect(only(events, "stop")).toEqual(only(events, "ready").toReversed());
      expect(members.statuses().every(({ state }) => state === "stopped")).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test("wherever one fails, exactly what was started is stopped, once, and the failure is the one reported", async () => {
  await fc.assert(
    fc.asyncProperty(
      graphs,
      fc.nat(7),
      fc.constantFrom("start" as const, "ready" as const),
      async (plans, at, fails) => {
        const events: string[] = [];
        const broken = plans[at % plans.length]!.name;
        const members = group(
          plans.map((plan) => (plan.name === broken ? { ...plan, fails } : plan)),
          events,
        );
        await members.init(never);
        const err: unknown = await members.start(never).catch((caught: unknown) => caught);
        expect(String(err)).toContain(`${broken} cannot ${fails}`);
        expect(only(events, "stop").toSorted()).toEqual(only(events, "call").toSorted());
        // Those that were ready go in reverse order of readiness, after all that were not.
        const ready = only(events, "ready");
        expect(only(events, "stop").filter((name) => ready.includes(name))).toEqual(ready.toReversed());
        expect(members.statuses().find(({ name }) => name === broken)).toMatchObject({ state: "failed" });
      },
    ),
    { numRuns: 40 },
  );
});

test("an abort at any time stops exactly what was started and rejects with its reason", async () => {
  await fc.assert(
    fc.asyncProperty(graphs, fc.nat(12), async (plans, afterMs) => {
      const events: string[] = [];
      const abort = new AbortController();
      const members = group(plans, events);
      await members.init(never);
      setTimeout(() => abort.abort(new Error("enough")), afterMs);
      const result = await members.start(abort.signal).catch((err: unknown) => err);
      if (result === undefined) return members.stop();
      expect(result).toMatchObject({ message: "enough" });
      expect(only(events, "stop").toSorted()).toEqual(only(events, "call").toSorted());
    }),
    { numRuns: 30 },
  );
});

test("independent components start at the same time", async () => {
  const plans = ["a", "b", "c"].map((name) => ({ name, startMs: 60, readyMs: 60 }));
  const startedAt = performance.now();
  await group(plans, []).start(never);
  expect(performance.now() - startedAt).toBeLessThan(230);
});

test("an error of init names the component, keeps the hint, and aborts the others", async () => {
  const members = group([{ name: "good" }, { name: "bad", fails: "init" }], []);
  const err: unknown = await members.init(never).catch((caught: unknown) => caught);
  expect(err).toBeInstanceOf(UserError);
  expect(err).toMatchObject({ message: "bad cannot init", hint: "Mend it." });
});

test("a component that never gets ready is named with what it waits for and its last output", async () => {
  const slow: Component = {
    name: "kube-apiserver",
    start: () => Promise.resolve(),
    ready: (signal) => sleep(60_000, signal),
    stop: () => Promise.resolve(),
    inspect: () => ({
      lastOutput: ["E1123 cannot listen", "bye"],
      waitingFor: "https://localhost:6443/readyz",
      waitingBecause: "connection refused",
    }),
  };
  const members = new ComponentGroup({
    name: "node",
    components: [slow, needs("kube-apiserver")],
    log: silentLog,
    readyTimeoutMs: 50,
  });
  const err: unknown = await members.start(never).catch((caught: unknown) => caught);
  expect(err).toBeInstanceOf(UserError);
  expect(String(err)).toBe(
    [
      "UserError: kube-apiserver did not become ready: nothing has moved for 50ms, waiting for https://localhost:6443/readyz (connection refused).",
      "Its last output:",
      "  E1123 cannot listen",
      "  bye",
    ].join("\n"),
  );
});

test("a process that ends again and again is not waited for to the end", async () => {
  const dying: Component = {
    name: "etcd",
    start: () => Promise.resolve(),
    ready: (signal) => sleep(60_000, signal),
    stop: () => Promise.resolve(),
    inspect: () => ({ restarts: 5, lastExit: "exited with code 1" }),
  };
  const components = [dying, needs("etcd")];
  const members = new ComponentGroup({ name: "node", components, log: silentLog });
  expect(members.start(never)).rejects.toThrow(
    "etcd did not become ready: its process ends again and again (exited with code 1).",
  );
});

test("one that nobody waits for does not take the others with it: it is supervised further, and named", async () => {
  let well = false;
  const check = async (): Promise<void> => {
    if (!well) throw new Error("unknown flag: --no-such-flag");
  };
  const dying: Component = {
    name: "kube-scheduler",
    start: () => Promise.resolve(),
    ready: (signal) => sleep(60_000, signal),
    health: check,
    stop: () => Promise.resolve(),
    inspect: () => ({ restarts: 5, lastExit: "exited with code 1" }),
  };
  const lines: Logged[] = [];
  const components = [dying, component({ name: "other" }, [])];
  const members = new ComponentGroup({ name: "node", components, log: recordingLog(lines) });
  await members.start(never);
  expect(members.statuses()).toMatchObject([
    {
      name: "kube-scheduler",
      state: "running",
      downSince: expect.any(Date),
      lastError:
        "kube-scheduler did not become ready: its process ends again and again (exited with code 1).",
    },
    { name: "other", state: "ready" },
  ]);
  expect(lines.map(({ message }) => message)).toContain(
    "A component does not become ready, going on without it",
  );
  well = true;
  await pollUntil(() => members.statuses()[0]?.state === "ready", {
    what: "recovery",
    intervalMs: 5,
    timeoutMs: 5_000,
  });
  await members.stop();
});

test("one that names a cause which waiting cannot cure ends the start, needed or not", async () => {
  const refused: Component = {
    name: "kubelet",
    start: () => Promise.resolve(),
    ready: () => Promise.reject(new UserError("the name is taken")),
    stop: () => Promise.resolve(),
  };
  const members = new ComponentGroup({ name: "node", components: [refused], log: silentLog });
  expect(members.start(never)).rejects.toThrow("the name is taken");
});

test("a slow one that gets further is waited for beyond any limit, and spoken of meanwhile", async () => {
  let step = 0;
  const lines: Logged[] = [];
  const slow: Component = {
    name: "kube-apiserver",
    start: () => Promise.resolve(),
    ready: (signal) => sleep(1_200, signal),
    stop: () => Promise.resolve(),
    inspect: () => ({ waitingFor: "readyz", lastOutput: [`hook ${"abcdefghij"[step++] ?? "k"} done`] }),
  };
  await awaitReady(slow, never, { log: recordingLog(lines), quietMs: 400, reportMs: 300 });
  expect(lines[0]).toMatchObject({
    message: "Still waiting for a component to become ready",
    fields: { component: "kube-apiserver", waitingFor: "readyz" },
  });
});

const needs = (name: string): Component => ({
  name: "needs-it",
  dependsOn: [{ name }],
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
});

test("what waits says for whom", async () => {
  const members = group(
    [
      { name: "etcd", readyMs: 50 },
      { name: "api", dependsOn: ["etcd"] },
    ],
    [],
  );
  const starting = members.start(never);
  await sleep(20);
  expect(members.statuses()).toMatchObject([{ state: "running" }, { state: "created", waitingFor: "etcd" }]);
  await starting;
});

test("changes of state are told in order", async () => {
  const seen: string[] = [];
  const members = group([{ name: "a" }], []);
  members.events.read((event) => {
    if (event.kind === "state") seen.push(`${event.status.name} ${event.status.state}`);
  });
  await members.init(never);
  await members.start(never);
  await members.stop();
  expect(seen).toEqual(
    ["initialized", "starting", "running", "ready", "stopping", "stopped"].map((state) => `a ${state}`),
  );
});

test("a group that cannot be started is refused at once", () => {
  expect(() => group([{ name: "a", dependsOn: ["b"] }], [])).toThrow(
    "a depends on b, which is not in the group",
  );
  expect(() => group([{ name: "a" }, { name: "a" }], [])).toThrow("the same name");
  const cycle = [
    { name: "a", dependsOn: ["c"] },
    { name: "b", dependsOn: ["a"] },
    { name: "c", dependsOn: ["b"] },
  ];
  expect(() => group(cycle, [])).toThrow("a → c → b → a");
});

const config: ClusterConfig = configDefaultsFor({
  single: true,
  dataDir: "/data",
  publicAddress: "10.0.0.1",
});

test("a configuration reaches all in order, even if one refuses it; errors come together", async () => {
  const events: string[] = [];
  const members = group(
    [{ name: "a" }, { name: "b", fails: "reconcile" }, { name: "c" }, { name: "d", fails: "reconcile" }],
    events,
  );
  await members.start(never);
  const err: unknown = await members.reconcile(config, never).catch((caught: unknown) => caught);
  expect(only(events, "reconcile")).toEqual(["a", "c"]);
  expect(err).toMatchObject({ message: "b: b cannot reconcile\nd: d cannot reconcile" });
});

test("a configuration that comes early is given to each component before it starts, and once", async () => {
  const events: string[] = [];
  const members = group(
    [
      { name: "a", readyMs: 20 },
      { name: "b", dependsOn: ["a"], fails: "reconcile" },
    ],
    events,
  );
  const starting = members.start(never);
  await members.reconcile(config, never);
  await starting;
  await sleep(5);
  expect(only(events, "reconcile")).toEqual(["a"]);
  expect(events.indexOf("reconcile a")).toBeLessThan(events.indexOf("call a"));
});

test("changes are adopted one at a time", async () => {
  let running = 0;
  const slow: Component = {
    name: "a",
    start: () => Promise.resolve(),
    reconcile: async () => {
      running += 1;
      expect(running).toBe(1);
      await sleep(10);
      running -= 1;
    },
    stop: () => Promise.resolve(),
  };
  const members = new ComponentGroup({ name: "node", components: [slow], log: silentLog });
  await members.start(never);
  await Promise.all([members.reconcile(config, never), members.reconcile(config, never)]);
});

test("one that does not stop does not keep the others from stopping", async () => {
  const events: string[] = [];
  const lines: Logged[] = [];
  const members = group(
    [{ name: "a" }, { name: "b", dependsOn: ["a"], fails: "stop" }, { name: "c", dependsOn: ["b"] }],
    events,
    { log: recordingLog(lines) },
  );
  await members.start(never);
  expect(members.stop()).rejects.toThrow("b: b cannot stop");
  expect(only(events, "stop")).toEqual(["c", "a"]);
  expect(lines.map(({ fields }) => fields["component"])).toEqual(["b"]);
});

test("a stop during the start waits for starts under way, then stops them", async () => {
  const events: string[] = [];
  const members = group(
    [{ name: "a" }, { name: "b", dependsOn: ["a"], startMs: 1000 }, { name: "c", dependsOn: ["b"] }],
    events,
  );
  const starting = members.start(never).catch((err: unknown) => err);
  await sleep(10);
  await members.stop();
  expect(String(await starting)).toContain("node is being stopped");
  expect(only(events, "stop")).toEqual(["b", "a"]);
  expect(only(events, "call")).toEqual(["a", "b"]);
});
