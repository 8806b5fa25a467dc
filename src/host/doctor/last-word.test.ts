import { expect, test } from "bun:test";
import { isRefused } from "./last-word.ts";

test("a start that its checks refused is one also while the next one begins", () => {
  const refused = 'time="2026-11-26 19:02:16" Error: pre-flight checks failed, check out `k0s sysinfo`';
  const begins = 'level=info msg="Starting"';
  expect(isRefused({ name: "", lines: [refused, begins] })).toBe(true);
  expect(isRefused({ name: "", lines: [begins, "Error: no disk"] })).toBe(false);
  expect(isRefused(undefined)).toBe(false);
});
