import { expect, test } from "bun:test";
import { healthzUrl } from "./serving-endpoint.ts";

test("what a program is told last counts", () => {
  expect(healthzUrl(["--bind-address=127.0.0.1"], 10_259)).toBe("https://127.0.0.1:10259/healthz");
  expect(healthzUrl(["--secure-port=1", "--secure-port=20259"], 10_259)).toBe(
    "https://127.0.0.1:20259/healthz",
  );
  expect(healthzUrl(["--secure-port", "20259", "--bind-address", "10.0.0.1"], 10_259)).toBe(
    "https://10.0.0.1:20259/healthz",
  );
  expect(healthzUrl(["--bind-address=0.0.0.0"], 1)).toBe("https://127.0.0.1:1/healthz");
  expect(healthzUrl(["--bind-address=::"], 1)).toBe("https://[::1]:1/healthz");
});

test("one that does not serve cannot be asked", () => {
  expect(healthzUrl(["--secure-port=0"], 10_259)).toBeUndefined();
});
