import { afterEach, expect, test } from "bun:test";
import type { PodSandboxInfo, RuntimeFacts } from "../../components/containerd/cri.ts";
import { silentLogger } from "../../std/logfmt.ts";
import { pollUntil } from "../../std/wait.ts";
import { runtimeWatch } from "./runtime-watch.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

const pod = (id: string, ready: boolean): PodSandboxInfo => ({ id, uid: id, namespace: "", name: id, ready });

test("one that cannot tell its settings still tells what runs; one that does not answer tells nothing", async () => {
  const state = { answers: true, facts: undefined as RuntimeFacts | undefined };
  const answer = async <T>(value: T): Promise<T> => {
    if (!state.answers) throw new Error("no answer");
    return value;
  };
  const stop = new AbortController();
  const watch = runtimeWatch({
    runtime: {
      connect: () => ({
        runningContainers: () => answer(new Set(["c"])),
        podSandboxes: () => answer([pod("a", true), pod("b", false)]),
        [Symbol.dispose]: () => undefined,
      }),
      facts: async () => {
        if (state.facts === undefined) throw new Error("Unimplemented");
        return state.facts;
      },
      lastFacts: () => state.facts,
    },
    log: silentLogger(),
    well: () => false,
    factsEveryMs: 10,
  });
  const running = watch.run(stop.signal);
  cleanups.push(async () => {
    stop.abort();
    await running;
  });
  const until = (what: string, probe: () => boolean): Promise<unknown> =>
    pollUntil(probe, { what, intervalMs: 5, timeoutMs: 20_000 });
  await until("the pods", () => watch.pods() === 1);
  expect(watch.running()).toEqual(new Set(["c"]));
  expect(watch.details()).toEqual({});
  state.facts = { handlers: ["runc", "crun"], deprecations: [] };
  await until("its settings", () => watch.details()["Container runtimes"] === "runc, crun");
  state.answers = false;
  await until("its silence", () => watch.pods() === undefined && watch.running() === undefined);
});

test("its connection is kept, and another one opened in the same look when that one is broken", async () => {
  const made: { broken: boolean; closed: boolean }[] = [];
  const looks: (number | undefined)[] = [];
  const stop = new AbortController();
  const watch = runtimeWatch({
    runtime: {
      connect: () => {
        const connection = { broken: false, closed: false };
        made.push(connection);
        const answer = async <T>(value: T): Promise<T> => {
          if (connection.broken) throw new Error("the connection is broken");
          return value;
        };
        return {
          runningContainers: () => answer(new Set(["c"])),
          podSandboxes: () => answer([pod("a", true)]),
          [Symbol.dispose]: () => void (connection.closed = true),
        };
      },
      facts: () => Promise.reject(new Error("Unimplemented")),
      lastFacts: () => undefined,
    },
    log: silentLogger(),
    well: () => false,
    onLook: () => looks.push(watch.pods()),
  });
  const running = watch.run(stop.signal);
  const lookedAt = (count: number): Promise<unknown> =>
    pollUntil(() => looks.length >= count, { what: "looks", intervalMs: 5, timeoutMs: 20_000 });
  await lookedAt(2);
  expect(made).toEqual([{ broken: false, closed: false }]);
  Object.assign(made[0] ?? {}, { broken: true });
  await lookedAt(3);
  expect(made.map(({ closed }) => closed)).toEqual([true, false]);
  stop.abort();
  await running;
  expect(made.map(({ closed }) => closed)).toEqual([true, true]);
  // Never without an answer, though one of its connections broke.
  expect(new Set(looks)).toEqual(new Set([1]));
});
