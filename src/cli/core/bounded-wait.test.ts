import { expect, test } from "bun:test";
import { boundedWait } from "./bounded-wait.ts";
import { testIo } from "./test-io.ts";

const never = (): Promise<never> => new Promise(() => undefined);

test("gives up when its time is over, and has said what it waits for", async () => {
  const io = testIo({});
  const wait = boundedWait(never, { what: "the API server", totalMs: 60, sayAfterMs: 20 }, io);
  expect(await wait.catch((err: unknown) => err)).toMatchObject({
    message: "the API server did not answer within 60ms",
    code: "no-answer",
  });
  expect(io.stderr()).toContain("Still waiting for the API server");
});

test("ends with the user's signal, whatever the work makes of it", async () => {
  const stop = new AbortController();
  const reason = new Error("ended by SIGTERM");
  const io = { ...testIo({}), signal: stop.signal };
  const hidden = async (signal: AbortSignal): Promise<never> => {
    await new Promise((resolve) => {
      signal.addEventListener("abort", resolve);
    });
    throw new Error("the API server does not do it");
  };
  const ends = [never, hidden].map((work) =>
    boundedWait(work, { what: "etcd" }, io).catch((err: unknown) => err),
  );
  stop.abort(reason);
  expect(await Promise.all(ends)).toEqual([reason, reason]);
});

test("an answer and an error pass, and nothing is said", async () => {
  const io = testIo({});
  expect(await boundedWait(async () => 1, { what: "etcd" }, io)).toBe(1);
  expect(boundedWait(() => Promise.reject(new Error("no")), { what: "etcd" }, io)).rejects.toThrow("no");
  expect(io.stderr()).toBe("");
});
