import { expect, test } from "bun:test";
import { connectionLimit } from "./connection-limit.ts";

const limits = (soft: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units
Max processes             7823                 7823                 processes
Max open files            ${soft.padEnd(20)} 524288               files
`;

test.each([
  ["524288", 4_096],
  ["unlimited", 4_096],
  ["4096", 1_536],
  ["1024", 64],
])("%s open files leave room for %i connections", (soft, expected) => {
  expect(connectionLimit(limits(soft))).toBe(expected);
});

test("this kernel's own text is understood", async () => {
  expect(connectionLimit(await Bun.file("/proc/self/limits").text())).toBeGreaterThanOrEqual(64);
});
