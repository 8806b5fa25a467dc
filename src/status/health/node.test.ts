import { expect, test } from "bun:test";
import { isReportedSince } from "./node.ts";

test("a report counts from the second in which k0s started", () => {
  const start = new Date("2026-11-26T10:00:00.700Z");
  expect(isReportedSince("2026-11-26T10:00:00Z", start)).toBe(true);
  expect(isReportedSince("2026-11-26T09:59:59Z", start)).toBe(false);
  expect(isReportedSince(undefined, start)).toBe(false);
});
