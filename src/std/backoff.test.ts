import { describe, expect, test } from "bun:test";
import { assert, double, integer, property } from "fast-check";
import { backoffDelay, createBackoff, retryAfterOf } from "./backoff.ts";

const rules = { firstMs: 100, longestMs: 10_000 };
const most = (): number => 1;
const least = (): number => 0;
const fraction = double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

describe("a delay", () => {
  test("doubles up to the longest", () => {
    const delays = [1, 2, 3, 7, 8, 5_000].map((n) => backoffDelay(n, rules, { random: most }));
    expect(delays).toEqual([100, 200, 400, 6_400, 10_000, 10_000]);
  });

  test("lies between half of that and all of it", () => {
    assert(
      property(integer({ min: 1, max: 2_000 }), fraction, (failures, random) => {
        const delay = backoffDelay(failures, rules, { random: () => random });
        const whole = backoffDelay(failures, rules, { random: most });
        expect(delay).toBeGreaterThanOrEqual(whole / 2);
        expect(delay).toBeLessThanOrEqual(whole);
      }),
    );
  });

  test("is never shorter than the server asked for, even when the server wants more than our longest", () => {
    assert(
      property(
        integer({ min: 1, max: 60 }),
        integer({ min: 0, max: 120_000 }),
        fraction,
        (n, asked, random) => {
          const delay = backoffDelay(n, rules, { random: () => random, retryAfterMs: asked });
          expect(delay).toBeGreaterThanOrEqual(asked);
        },
      ),
    );
  });

  test("spreads those who were all told the same time", () => {
    const asked = { retryAfterMs: 8_000 };
    expect(backoffDelay(1, rules, { ...asked, random: least })).toBe(8_000);
    expect(backoffDelay(1, rules, { ...asked, random: most })).toBe(10_000);
  });

  test("does not follow a server that sends us away for a day", () => {
    expect(backoffDelay(1, rules, { retryAfterMs: 86_400_000, random: least })).toBe(120_000);
  });
});

describe("failures in a row", () => {
  test("count until it works", () => {
    const backoff = createBackoff(rules, most);
    expect([backoff.failed(), backoff.failed(), backoff.failed()]).toEqual([100, 200, 400]);
    backoff.worked();
    expect(backoff.failed()).toBe(100);
  });

  test("are forgiven by work that lived for a while, not by a short life", () => {
    const backoff = createBackoff({ ...rules, stableMs: 5_000 }, most);
    backoff.failed();
    backoff.failed();
    expect(backoff.failed({ livedMs: 4_999 })).toBe(400);
    expect(backoff.failed({ livedMs: 5_000 })).toBe(100);
    expect(backoff.failures).toBe(1);
  });

  test("obey the error that says when to come back", () => {
    const backoff = createBackoff(rules, least);
    const err = Object.assign(new Error("too many requests"), { retryAfterMs: 5_000 });
    expect(backoff.failed({ err })).toBe(5_000);
  });
});

test("the word of an error is found on what caused it, and nonsense is none", () => {
  const asked = Object.assign(new Error("busy"), { retryAfterMs: 3_000 });
  expect(retryAfterOf(new Error("cannot list", { cause: asked }))).toBe(3_000);
  expect(retryAfterOf(Object.assign(new Error("x"), { retryAfterMs: "soon" }))).toBeUndefined();
  expect(retryAfterOf(Object.assign(new Error("x"), { retryAfterMs: Number.NaN }))).toBeUndefined();
  expect(retryAfterOf("busy")).toBeUndefined();
});
