import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { descriptorWriter } from "./descriptor-writer.ts";
import { isAppendedTo, restartingFile } from "./restarting-file.ts";

let dir = "";
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "k0s-restarting-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A run of k0s: what it writes to the log, which the one who started it has opened. */
async function run(
  lines: readonly string[],
  between: (line: string) => void = () => undefined,
): Promise<string> {
  const path = join(dir, "log");
  const fd = openSync(path, "a");
  const markLine = (cut: boolean): string => (cut ? "MARK cut\n" : "MARK\n");
  const write = restartingFile(fd, descriptorWriter(fd), {
    files: [path],
    maxBytes: 20,
    markLine,
    mark: "MARK",
  });
  for (const line of lines) {
    await write(Buffer.from(`${line}\n`));
    between(line);
  }
  closeSync(fd);
  return readFileSync(path, "utf8");
}

test("a file that is too large begins again, with the reason", async () => {
  expect(await run(["first", "second", "third", "4"])).toBe("MARK cut\n4\n");
});

test("what others have written before stays, also when many runs write behind it", async () => {
  const older = "upstream's, much longer than we may write, without an end";
  writeFileSync(join(dir, "log"), older);
  expect(await run(["first"])).toBe(`${older}\nMARK\nfirst\n`);
  expect(await run(["second"])).toBe(`${older}\nMARK\nfirst\nsecond\n`);
  expect(await run(["third", "4"])).toBe(`${older}\nMARK cut\n4\n`);
  for (let start = 0; start < 20; start += 1) await run(["again"]);
  expect(readFileSync(join(dir, "log"), "utf8").length).toBeLessThan(older.length + 40);
});

test("one that was given another name is never emptied", async () => {
  const turned = join(dir, "log.1");
  await run(["first", "second", "third", "4"], (line) => {
    if (line === "first") renameSync(join(dir, "log"), turned);
    if (line === "first") writeFileSync(join(dir, "log"), "");
  });
  expect(readFileSync(turned, "utf8")).toBe("MARK\nfirst\nsecond\nthird\n4\n");
});

test("one that somebody else has emptied is ours from there on", async () => {
  const path = join(dir, "log");
  writeFileSync(path, "older, and longer than what we write\n");
  const empty = (line: string): void => {
    if (line === "first") truncateSync(path);
  };
  expect(await run(["first", "second"], empty)).toBe("MARK\nsecond\n");
});

test("nothing is done on the thread that calls: a disk may hang", async () => {
  const path = join(dir, "log");
  const fd = openSync(path, "a");
  const markLine = (): string => "MARK\n";
  const write = restartingFile(fd, descriptorWriter(fd), {
    files: [path],
    maxBytes: 20,
    markLine,
    mark: "MARK",
  });
  await write(Buffer.alloc(50, "x"));
  const writing = write(Buffer.from("y"));
  expect(statSync(path).size).toBe(55);
  await writing;
  closeSync(fd);
  expect(readFileSync(path, "utf8")).toBe("MARK\ny");
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
