import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRegularFile } from "./regular-file.ts";

let dir = "";
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "k0s-regular-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("a file is read, through a link as well, and what is not there is not", async () => {
  writeFileSync(join(dir, "file"), "text");
  symlinkSync("file", join(dir, "link"));
  expect(await readRegularFile(join(dir, "link"))).toBe("text");
  expect(await readRegularFile(join(dir, "none"))).toBeUndefined();
  expect(await readRegularFile(join(dir, "file", "below"))).toBeUndefined();
});

test("what is not a file is refused at once", async () => {
  mkdirSync(join(dir, "directory"));
  Bun.spawnSync(["mkfifo", join(dir, "fifo")]);
  for (const path of [join(dir, "directory"), join(dir, "fifo"), "/dev/null"])
    expect(await readRegularFile(path).catch(String)).toBe(`Error: ${path} is not a regular file`);
});
