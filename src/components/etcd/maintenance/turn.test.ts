import { expect, test } from "bun:test";
import { defragmentLimitMs, turnTiming } from "./turn.ts";

test("no second member begins while one may still be defragmenting", () => {
  const { renewDeadlineMs, leaseDurationMs, retryPeriodMs } = turnTiming;
  // It renewed last just before it began, and asks again only after a retry.
  expect(defragmentLimitMs + retryPeriodMs).toBeLessThan(renewDeadlineMs);
  expect(renewDeadlineMs + retryPeriodMs).toBeLessThan(leaseDurationMs);
});
