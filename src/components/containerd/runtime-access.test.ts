import { expect, test } from "bun:test";
import type { RuntimeFacts } from "./cri.ts";
import { sharedFacts } from "./runtime-access.ts";

const { signal } = new AbortController();

test("what the runtime has said to one of two is told to the other; a failure is not", async () => {
  let [asked, clock, handlers] = [0, 0, ["runc"] as readonly string[] | undefined];
  const { facts, lastFacts } = sharedFacts({
    connect: () => ({
      async facts(): Promise<RuntimeFacts> {
        asked++;
        if (handlers === undefined) throw new Error("no answer");
        return { handlers, deprecations: [] };
      },
      [Symbol.dispose]: () => undefined,
    }),
    now: () => clock,
  });
  for (const _ of ["one", "other"]) expect((await facts(signal)).handlers).toEqual(["runc"]);
  expect(asked).toBe(1);
  clock = 30_000;
  handlers = undefined;
  expect(await facts(signal).catch(String)).toContain("no answer");
  expect(lastFacts()).toBeUndefined();
  handlers = ["runc", "crun"];
  expect((await facts(signal)).handlers).toEqual(["runc", "crun"]);
  expect(lastFacts()?.handlers).toEqual(["runc", "crun"]);
  expect(asked).toBe(3);
});

test("an answer that comes while another question still waits is not forgotten when that one fails", async () => {
  const first = Promise.withResolvers<RuntimeFacts>();
  const answers = [first.promise, Promise.resolve<RuntimeFacts>({ handlers: ["runc"], deprecations: [] })];
  const { facts, lastFacts } = sharedFacts({
    connect: () => ({
      facts: () => answers.shift() ?? Promise.reject(new Error("asked once more")),
      [Symbol.dispose]: () => undefined,
    }),
  });
  const waiting = facts(signal).catch(String);
  expect((await facts(signal)).handlers).toEqual(["runc"]);
  first.reject(new Error("too late"));
  expect(await waiting).toContain("too late");
  expect(lastFacts()?.handlers).toEqual(["runc"]);
});
