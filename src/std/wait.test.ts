import { expect, test } from "bun:test";
import { pollUntil, sleep, TimeoutError } from "./wait.ts";

test("sleep ends at once when its signal aborts", async () => {
  const stop = new AbortController();
  const slept = sleep(60_000, stop.signal);
  stop.abort(new Error("enough"));
  expect(slept).rejects.toThrow("enough");
  expect(sleep(60_000, stop.signal)).rejects.toThrow("enough");
  await sleep(1);
});

test("poll returns the first truthy value; errors are not yet", async () => {
  let calls = 0;
  const value = await pollUntil(
    () => {
      calls += 1;
      if (calls === 1) throw new Error("connection refused");
      return calls === 3 ? "ready" : undefined;
    },
    { what: "it", intervalMs: 1 },
  );
  expect([value, calls]).toEqual(["ready", 3]);
});

test("poll may pause ever longer, by what has been waited", async () => {
  const waited: number[] = [];
  const intervalMs = (waitedMs: number): number => {
    waited.push(waitedMs);
    return waited.length * 10;
  };
  await pollUntil(() => waited.length === 3, { what: "it", intervalMs });
  expect(waited.map((ms, at) => ms >= ([0, 9, 28][at] ?? 0))).toEqual([true, true, true]);
});

test("poll times out with the last error, even when the probe hangs", async () => {
  const refused = pollUntil(() => Promise.reject(new Error("connection refused")), {
    what: "the API",
    intervalMs: 1,
    timeoutMs: 20,
  });
  expect(refused).rejects.toThrow("timed out after 20ms waiting for the API: connection refused");
  const hanging = pollUntil(() => new Promise<boolean>(() => {}), {
    what: "nothing",
    intervalMs: 1,
    timeoutMs: 20,
  });
  expect(hanging).rejects.toBeInstanceOf(TimeoutError);
  await Promise.allSettled([refused, hanging]);
});

test("poll gives the signal's reason when aborted, and fatal errors at once", async () => {
  const stop = new AbortController();
  const polled = pollUntil(() => false, { what: "x", intervalMs: 60_000, signal: stop.signal });
  stop.abort(new Error("stopping"));
  expect(polled).rejects.toThrow("stopping");
  const fatal = pollUntil(() => Promise.reject(new Error("forbidden")), {
    what: "x",
    intervalMs: 1,
    fatal: () => true,
  });
  expect(fatal).rejects.toThrow("forbidden");
  await Promise.allSettled([polled, fatal]);
});
