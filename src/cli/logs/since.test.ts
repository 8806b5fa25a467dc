import { expect, test } from "bun:test";
import { parseSince } from "./since.ts";

const now = Date.UTC(2026, 10, 26, 19);

test("so long ago, or a moment", () => {
  expect(parseSince("", now)).toBeUndefined();
  expect(parseSince("10m", now)).toBe(now - 600_000);
  expect(parseSince("1h30m", now)).toBe(now - 5_400_000);
  expect(parseSince("2026-11-26T18:00:00Z", now)).toBe(now - 3_600_000);
  expect(parseSince("2026-11-26T20:00:00.5+02:00", now)).toBe(now - 3_599_500);
  expect(parseSince("2026-11-26", now)).toBe(Date.parse("2026-11-26"));
});

test.each(["yesterday", "10", "2026-13-40T00:00:00Z", "1 hour"])("%s is refused", (text) => {
  expect(() => parseSince(text, now)).toThrow("such as 10m");
});
