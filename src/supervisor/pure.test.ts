import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { restartBackoff } from "./process.ts";
import { isLoggable, lineSeverity } from "./severity.ts";

test("the first restart is immediate, then pauses double up to the cap; ten seconds of life forgive", () => {
  const backoff = restartBackoff();
  const delays = Array.from({ length: 8 }, () => backoff.failed({ livedMs: 100 }));
  expect(delays).toEqual([0, 200, 400, 800, 1600, 3200, 5000, 5000]);
  expect(backoff.failed({ livedMs: 10_000 })).toBe(0);
  expect(backoff.failed({ livedMs: 9_999 })).toBe(200);
  backoff.worked();
  expect(backoff.failed({ livedMs: 0 })).toBe(0);
});

test("whatever lives it had, the pause after the next short one is not shorter, and never longer than the cap", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20_000), { minLength: 1 }), fc.nat(9_999), (lives, livedMs) => {
      const backoff = restartBackoff();
      const delays = lives.map((life) => backoff.failed({ livedMs: life }));
      const next = backoff.failed({ livedMs });
      return (delays.at(-1) ?? 0) <= next && next <= 5_000;
    }),
  );
});

test.each([
  ["I1123 09:29:00.123456   12 server.go:1] starting", "info"],
  ["W1123 09:29:00.123456   12 server.go:1] careful", "warn"],
  ["E1123 09:29:00.123456   12 server.go:1] bad", "error"],
  ["F1123 09:29:00.123456   12 server.go:1] dead", "error"],
  ['{"level":"info","ts":"2026-11-23T09:29:00Z","msg":"ready"}', "info"],
  ['{"level":"warn","ts":"2026-11-23T09:29:00Z","msg":"slow"}', "warn"],
  ['{"ts":"2026-11-23T09:29:00Z","level":"fatal","msg":"dead"}', "error"],
  ['time="2026-11-23T09:29:00Z" level=info msg="starting"', "info"],
  ["time=2026-11-23T09:29:00Z level=WARN msg=x", "warn"],
  ["INFO[0000] starting", "info"],
  ["WARN[2026-11-23T10:08:44.982825412Z] slow", "warn"],
  [
    "W1123 10:08:44.95  1 g.go:798] Skipping API storage.k8s.io/v1alpha1 because it has no resources.",
    "info",
  ],
  [
    '{"level":"warn","caller":"auth/store.go:1037","msg":"ignoring common name in gRPC-gateway proxy request","revision":1}',
    "info",
  ],
  ["W1123 16:06:56.915989     100 handler_proxy.go:100] no RequestInfo found in the context", "info"],
  ["W1123 16:06:56.915989     100 handler_proxy.go:100] something else", "warn"],
  [
    "2026-11-26 08:10:01.123 [INFO][4711] cni-plugin/plugin.go 323: Calico CNI found existing endpoint",
    "info",
  ],
  ["2026-11-26 08:10:01.123 [WARNING][4711] cni-plugin/k8s.go 604: WorkloadEndpoint does not exist", "warn"],
  [
    "2026-11-26 08:10:01.123 [ERROR][4711] cni-plugin/plugin.go 580: Final result of CNI DEL was an error.",
    "error",
  ],
  ["[INFO] plugin/reload: Running configuration", "info"],
  ["2026/11/23 09:29:00 http: TLS handshake error", "info"],
  ["panic: runtime error", undefined],
  ["I have something to say", undefined],
] as const)("%s", (line, severity) => {
  expect(lineSeverity(line)).toBe(severity);
});

test("levels are ordered", () => {
  expect(isLoggable("info", "warn")).toBe(false);
  expect(isLoggable("error", "warn")).toBe(true);
  expect(isLoggable("debug", "debug")).toBe(true);
});
