import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cappedFile } from "../../os/capped-file.ts";
import { formatLogLine } from "../../std/logfmt.ts";
import { logFiles } from "./files.ts";
import type { LogLine } from "./line.ts";

let dir = "";
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "k0s-log-files-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const path = (): string => join(dir, "k0s.log");
const never = new AbortController().signal;
const line = (second: number): string =>
  formatLogLine(new Date(2026, 0, 1, 0, 0, second), "info", `line ${second}`, {});
const messages = async (from: AsyncIterable<LogLine>): Promise<string[]> =>
  (await Array.fromAsync(from)).map(({ text }) => /msg="(.*?)"/.exec(text)?.[1] ?? text);

async function write(lines: number, from = 0, maxBytes = 260): Promise<void> {
  const log = cappedFile({ path: path(), maxBytes, older: 2 });
  for (let second = from; second < from + lines; second += 1) await log.write(Buffer.from(line(second)));
  await log.close();
}

test("all files are read, oldest first, and from a time on", async () => {
  await write(10);
  await using all = logFiles({ path: path(), older: 2 });
  const expected = Array.from({ length: 10 }, (_, second) => `line ${second}`);
  expect(await messages(all.past({ since: undefined, signal: never }))).toEqual(expected);
  await using some = logFiles({ path: path(), older: 2 });
  const since = new Date(2026, 0, 1, 0, 0, 7).getTime();
  expect(await messages(some.past({ since, signal: never }))).toEqual(expected.slice(7));
});

test("newest first, across all files", async () => {
  await write(10);
  await using log = logFiles({ path: path(), older: 2 });
  const since = new Date(2026, 0, 1, 0, 0, 6).getTime();
  expect(await messages(log.latest({ since, signal: never }))).toEqual([
    "line 9",
    "line 8",
    "line 7",
    "line 6",
  ]);
});

test("an older file that ends before the time is not read", async () => {
  await write(10);
  writeFileSync(`${path()}.2`, "an endless file\n");
  utimesSync(`${path()}.2`, 0, 0);
  await using some = logFiles({ path: path(), older: 2 });
  expect(await messages(some.past({ since: 1, signal: never }))).not.toContain("an endless file");
});

test("what is written later follows, across many turns of the files, each line once", async () => {
  await write(3);
  await using log = logFiles({ path: path(), older: 2, everyMs: 1 });
  expect(await messages(log.past({ since: undefined, signal: never }))).toHaveLength(3);
  const stop = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const { text } of log.further(stop.signal)) {
      seen.push(text);
      if (seen.length === 120) stop.abort();
    }
  })();
  for (let second = 3; second < 123; second += 1) {
    await write(1, second, 300);
    await Bun.sleep(2);
  }
  await following;
  expect(seen).toEqual(Array.from({ length: 120 }, (_, at) => line(at + 3).trimEnd()));
}, 30_000);

test("a line without an end is read once it has one", async () => {
  writeFileSync(path(), "half");
  await using log = logFiles({ path: path(), older: 2, everyMs: 1 });
  expect(await messages(log.past({ since: undefined, signal: never }))).toEqual([]);
  writeFileSync(path(), " a line\n", { flag: "a" });
  for await (const { text } of log.further(never)) {
    expect(text).toBe("half a line");
    break;
  }
});

test("a file that somebody empties is read from its beginning again", async () => {
  await write(3);
  await using log = logFiles({ path: path(), older: 2, everyMs: 1 });
  expect(await messages(log.past({ since: undefined, signal: never }))).toHaveLength(3);
  writeFileSync(path(), line(7));
  const seen = log.further(AbortSignal.timeout(2_000))[Symbol.asyncIterator]();
  expect((await seen.next()).value?.text).toBe(line(7).trimEnd());
});

test("what is not a file is refused and not waited for", async () => {
  Bun.spawnSync(["mkfifo", path()]);
  await using log = logFiles({ path: path(), older: 2 });
  const refused = `Error: ${path()} is not a regular file`;
  expect(await log.lastWritten(never).catch(String)).toBe(refused);
  expect(await messages(log.past({ since: undefined, signal: never })).catch(String)).toBe(refused);
});

test("no file, no line", async () => {
  await using log = logFiles({ path: path(), older: 2 });
  expect(await log.lastWritten(never)).toBeUndefined();
  expect(await messages(log.past({ since: undefined, signal: never }))).toEqual([]);
});
