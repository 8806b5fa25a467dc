import { expect, test } from "bun:test";
import { buildProgress } from "./build-progress.ts";
import { formatBytes, formatDuration } from "./format.ts";
import { parsePlatform } from "./platform.ts";

test("a pipe gets one plain line a step", () => {
  const written: string[] = [];
  const progress = buildProgress({ write: (text) => written.push(text) });
  progress.step("kine").done("up to date");
  progress.step("runc").fail(new Error("x"));
  progress.close();
  expect(written.join("")).toMatch(/^✔ kine: up to date\n✘ runc: failed after 0\.0 s\n$/);
});

test("sizes and times are readable", () => {
  expect([formatBytes(154_316_926), formatBytes(9_942_128), formatBytes(4_100)]).toEqual([
    "154 MB",
    "9.9 MB",
    "4 kB",
  ]);
  expect([formatDuration(900), formatDuration(48_000), formatDuration(484_000)]).toEqual([
    "0.9 s",
    "48 s",
    "8 min 4 s",
  ]);
});

test("platforms have several spellings", () => {
  expect(["arm64", "linux-arm64", "linux/arm64"].map((text) => parsePlatform(text).dir)).toEqual(
    Array(3).fill("linux-arm64"),
  );
  expect(() => parsePlatform("sparc")).toThrow(/unknown platform sparc/);
});
