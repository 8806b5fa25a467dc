import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "./content-hash.ts";
import { isStored, publish, stage, storeDir } from "./store.ts";

let cache = "";
beforeEach(async () => void (cache = await mkdtemp(join(tmpdir(), "store-"))));
afterEach(() => rm(cache, { recursive: true, force: true }));

test("a result appears at once, with its checksums", async () => {
  const dir = storeDir(cache, "linux-amd64", "demo", "abc");
  const staged = await stage(dir);
  await writeFile(join(staged, "demo"), "content");
  expect(isStored(dir)).toBe(false);
  await publish(staged, dir);
  expect(isStored(dir)).toBe(true);
  expect(await readFile(join(dir, "sha256sums"), "utf8")).toBe(`${sha256("content")}  demo\n`);
});

test("the slower of two builds gives way", async () => {
  const dir = storeDir(cache, "linux-amd64", "demo", "abc");
  const [fast, slow] = [await stage(dir), await stage(dir)];
  for (const staged of [fast, slow]) await writeFile(join(staged, "demo"), "content");
  await publish(fast, dir);
  await publish(slow, dir);
  expect(await readdir(join(dir, ".."))).toEqual(["abc"]);
});

test("what a killed build left is swept, what a running one holds is not", async () => {
  const dir = storeDir(cache, "linux-amd64", "demo", "abc");
  const held = await stage(dir);
  // No process can have this number: it is above the kernel's limit.
  const abandoned = join(dir, "..", ".4194305-gone");
  await mkdir(abandoned);
  await stage(dir);
  expect(existsSync(abandoned)).toBe(false);
  expect(existsSync(held)).toBe(true);
});
