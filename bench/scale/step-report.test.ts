import { expect, test } from "bun:test";
import { stepReport } from "./step-report.ts";

const step = {
  controllers: 1,
  nodes: 1_000,
  pods: 0,
  load: 2,
  programs: [{ "pss k0s": 90.04 }],
  requests: [{ all: 1 }],
  latency: { "GET p50": 2 },
} as const;

test("a wave that was too slow costs no other figure, and says how far it came", () => {
  const stand = { scheduled: 950, running: 812, readyNodes: 998 };
  const text = stepReport({ ...step, wave: { pods: 1_000, limitSeconds: 120, stand } });
  expect(text).toContain(
    "1000 pods more did not run within 120 s: scheduled 950, running 812, readyNodes 998",
  );
  expect(text).toContain('"GET p50":2');
  expect(text).toMatch(/^k0s +90\.0/m);
});

test("what is missing is named, what ran is told with its time", () => {
  const text = stepReport({
    ...step,
    wave: { pods: 1_000, seconds: 18.04 },
    waiting: 3,
    missing: ["latency: gone"],
  });
  expect(text).toContain("1000 pods more ran after 18.0 s");
  expect(text).toContain("3 of the 0 pods did not run in time");
  expect(text).toContain("not measured: latency: gone");
});
