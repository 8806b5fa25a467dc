import { afterEach, beforeEach, expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { descriptorWriter } from "./descriptor-writer.ts";
import { isAppendedTo, restartingFile } from "./restarting-file.ts";

let dir = "";
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "k0s-restarting-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("a file that is too large begins again, with the reason", async () => {
  const path = join(dir, "log");
  const fd = openSync(path, "a");
  const write = restartingFile(fd, descriptorWriter(fd), { maxBytes: 10, firstLine: () => "new\n" });
  for (const line of ["first\n", "second\n", "third\n", "4\n"]) await write(Buffer.from(line));
  closeSync(fd);
  expect(readFileSync(path, "utf8")).toBe("new\nthird\n4\n");
});

test("only a file of these names that is appended to counts", () => {
  const path = join(dir, "log");
  const of = (flags: string, files: readonly string[]): boolean => {
    const fd = openSync(path, flags);
    try {
      return isAppendedTo(fd, files);
    } finally {
      closeSync(fd);
    }
  };
  expect(of("a", [path])).toBe(true);
  expect(of("a", ["/var/log/k0s.log"])).toBe(false);
  expect(of("w", [path])).toBe(false);
  expect(isAppendedTo(987_654, [path])).toBe(false);
});
