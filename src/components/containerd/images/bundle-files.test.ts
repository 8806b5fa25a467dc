import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BundleFiles, bundleFiles, isBeingWritten, settle, settleMs } from "./bundle-files.ts";

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-bundles-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const wall = 1_800_000_000_000;
const files = (mark: string, changedMs = wall): BundleFiles => ({ "/i/a": { time: "t", mark, changedMs } });

test("a file settles when it has looked the same for a while", () => {
  const first = settle(new Map(), files("1"), { now: 0, wall });
  expect(first.settled.size).toBe(0);
  const grown = settle(first.looks, files("2"), { now: settleMs, wall });
  expect(grown.settled.size).toBe(0);
  const soon = settle(grown.looks, files("2"), { now: settleMs * 2 - 1, wall });
  expect(soon.settled.size).toBe(0);
  expect(settle(soon.looks, files("2"), { now: settleMs * 2, wall }).settled).toEqual(new Set(["/i/a"]));
});

test("a file that was changed long ago is read at once, one from the future is waited for", () => {
  expect(settle(new Map(), files("1", wall - settleMs), { now: 0, wall }).settled.size).toBe(1);
  const future = settle(new Map(), files("1", wall + 1e9), { now: 0, wall });
  expect(future.settled.size).toBe(0);
  expect(settle(future.looks, files("1", wall + 1e9), { now: settleMs, wall }).settled.size).toBe(1);
});

test("hidden files and directories do not count; a file that is open for writing is not whole", async () => {
  await writeFile(join(dir, ".being-copied"), "x");
  await writeFile(join(dir, "whole.tar"), "x");
  const path = join(dir, "half.tar");
  const writer = await open(path, "w");
  try {
    expect(Object.keys(await bundleFiles(dir)).map((name) => name.slice(dir.length + 1))).toEqual([
      "half.tar",
      "whole.tar",
    ]);
    expect(await isBeingWritten(path)).toBe(true);
  } finally {
    await writer.close();
  }
  expect(await isBeingWritten(path)).toBe(false);
  expect(await isBeingWritten(join(dir, "gone.tar"))).toBe(true);
});
