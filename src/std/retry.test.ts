import { expect, test } from "bun:test";
import { retry } from "./retry.ts";

test("retry repeats any error, TypeErrors too, and rejects with the original one", async () => {
  let calls = 0;
  const result = await retry(
    (attempt) => {
      calls += 1;
      return attempt < 3 ? Promise.reject(new TypeError("connection closed")) : Promise.resolve(attempt);
    },
    { what: "x", backoff: { firstMs: 1, longestMs: 2 } },
  );
  expect([result, calls]).toEqual([3, 3]);
  const last = new Error("still broken");
  expect(
    retry(() => Promise.reject(last), { what: "x", attempts: 2, backoff: { firstMs: 1, longestMs: 1 } }),
  ).rejects.toBe(last);
  const forbidden = new Error("forbidden");
  expect(
    retry(() => Promise.reject(forbidden), { what: "x", retryIf: (err) => err !== forbidden }),
  ).rejects.toBe(forbidden);
});

test("retry ends with its signal", async () => {
  const stop = new AbortController();
  const retried = retry(() => Promise.reject(new Error("no")), {
    what: "x",
    backoff: { firstMs: 60_000, longestMs: 60_000 },
    signal: stop.signal,
  });
  stop.abort(new Error("stopping"));
  expect(retried).rejects.toThrow("stopping");
  await Promise.allSettled([retried]);
});
