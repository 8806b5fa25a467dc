import { expect, test } from "bun:test";
import { KubeConnectionError, KubeError, errorFromAnswer } from "./errors.ts";
import { retryDelay } from "./retry.ts";

const half = () => 0;
const status = (code: number, retryAfterMs?: number) =>
  new KubeError({ status: code, message: "x", retryAfterMs });

test("the server's word counts; one that sends us away for long is not waited for here", () => {
  expect(retryDelay(status(429, 1_000), "POST", 0, half)).toBe(1_000);
  expect(retryDelay(status(429, 1_000), "POST", 0, () => 1)).toBe(1_250);
  expect(retryDelay(status(503, 3_600_000), "GET", 0)).toBeUndefined();
  expect(retryDelay(status(503), "GET", 2, half)).toBe(200);
  expect(retryDelay(status(500, 1_000), "PATCH", 0, half)).toBe(1_000);
});

test("what cannot be cured or might happen twice is not repeated", () => {
  expect(retryDelay(status(403), "GET", 0)).toBeUndefined();
  expect(retryDelay(status(500), "GET", 0)).toBeUndefined();
  expect(retryDelay(new KubeConnectionError("lost", undefined), "POST", 0)).toBeUndefined();
  expect(retryDelay(new KubeConnectionError("lost", undefined), "PATCH", 0, half)).toBe(50);
  expect(retryDelay(new TypeError("a bug"), "GET", 0)).toBeUndefined();
});

test("errors take reason and time from the answer", () => {
  const body = JSON.stringify({
    kind: "Status",
    reason: "TooManyRequests",
    message: "slow down",
    details: { retryAfterSeconds: 2 },
  });
  expect(errorFromAnswer("GET /x", 429, body, null)).toMatchObject({
    status: 429,
    reason: "TooManyRequests",
    message: "GET /x: slow down",
    retryAfterMs: 2_000,
  });
  expect(errorFromAnswer("GET /x", 502, "<html>", "3")).toMatchObject({
    status: 502,
    reason: "",
    message: "GET /x: <html>",
    retryAfterMs: 3_000,
  });
});
