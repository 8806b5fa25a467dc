import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeConfiguration } from "./configuration-file.ts";

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "restored-"));
  path = join(dir, "k0s.yaml");
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const now = new Date(2026, 10, 27, 4, 5, 6);
const modeOf = (file: string): number => statSync(file).mode & 0o777;

test("a different file is kept beside the new one, byte by byte, and closed to others", async () => {
  const own = Buffer.from([0x61, 0xff, 0x0a]);
  writeFileSync(path, own, { mode: 0o644 });
  const kept = await writeConfiguration(path, "spec: {}\n", now);
  expect(kept).toBe(`${path}.2026-11-27T04_05_06_000Z`);
  expect(readFileSync(kept ?? "")).toEqual(own);
  expect([readFileSync(path, "utf8"), modeOf(path), modeOf(kept ?? "")]).toEqual([
    "spec: {}\n",
    0o600,
    0o600,
  ]);
});

test("nothing is kept of the same text, as after a restore that was interrupted, or where there was none", async () => {
  expect(await writeConfiguration(path, "spec: {}\n", now)).toBeUndefined();
  expect(await writeConfiguration(path, "spec: {}\n", now)).toBeUndefined();
  expect(readdirSync(dir)).toEqual(["k0s.yaml"]);
});
