import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { keptLog } from "./kept-log.ts";

let dir = "";
let logFile = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "k0s-kept-"));
  logFile = join(dir, "log", "k0s.log");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("what was logged before the directory could be written to comes first", async () => {
  const log = keptLog({ logFile });
  log.write("before\n");
  expect(existsSync(dirname(logFile))).toBe(false);
  await log.begin();
  log.write("after\n");
  await log.end(1_000);
  expect(readFileSync(logFile, "utf8")).toBe("before\nafter\n");
  expect(statSync(dirname(logFile)).mode & 0o777).toBe(0o700);
});

test("a directory that is there already stays as open as it is: it may be that of others", async () => {
  const shared = join(dir, "shared");
  mkdirSync(shared);
  chmodSync(shared, 0o775);
  symlinkSync(shared, dirname(logFile));
  const log = keptLog({ logFile });
  await log.begin();
  log.write("a line\n");
  await log.end(1_000);
  expect(statSync(shared).mode & 0o777).toBe(0o775);
  expect(statSync(join(shared, "k0s.log")).mode & 0o777).toBe(0o600);
});

test("it says whether it has what is logged", async () => {
  const log = keptLog({ logFile });
  log.write("before\n");
  expect(log.isWritten()).toBe(false);
  await log.begin();
  await log.end(1_000);
  expect(log.isWritten()).toBe(true);
  rmSync(dir, { recursive: true });
  log.write("lost\n");
  await log.end(50);
  expect(log.isWritten()).toBe(false);
});

test("a start that is refused makes no log, and is noted where there is one", async () => {
  const first = keptLog({ logFile });
  first.write("refused\n");
  await first.end(1_000);
  expect(existsSync(dirname(logFile))).toBe(false);
  const begun = keptLog({ logFile });
  await begun.begin();
  begun.write("ran\n");
  await begun.end(1_000);
  const second = keptLog({ logFile });
  second.write("refused\n");
  await second.end(1_000);
  expect(readFileSync(logFile, "utf8")).toBe("ran\nrefused\n");
});

test("a log that cannot be written holds nobody up, and the end is in time", async () => {
  writeFileSync(join(dir, "log"), "a file is in the way");
  const log = keptLog({ logFile: join(dir, "log", "k0s.log") });
  expect(log.begin()).rejects.toThrow("there is a file of that name");
  const gone = keptLog({ logFile });
  rmSync(join(dir, "log"));
  await gone.begin();
  rmSync(join(dir, "log"), { recursive: true });
  for (let line = 0; line < 10_000; line += 1) gone.write("a line of some length, over and over again\n");
  const from = performance.now();
  await gone.end(50);
  expect(performance.now() - from).toBeLessThan(1_000);
});
