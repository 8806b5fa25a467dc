import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isLocked, tryLock } from "./flock.ts";
import { run } from "./exec.ts";

let path = "";

beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), "k0s-lock-")), "lock");
});

afterEach(() => rmSync(join(path, ".."), { recursive: true, force: true }));

test("one holder at a time, and again after release", () => {
  const lock = tryLock(path);
  expect(lock).toBeDefined();
  expect(tryLock(path)).toBeUndefined();
  expect(isLocked(path)).toBe(true);
  lock?.release();
  lock?.release();
  expect(isLocked(path)).toBe(false);
  tryLock(path)?.release();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("shared holders keep an exclusive one out", () => {
  const one = tryLock(path, { shared: true });
  const two = tryLock(path, { shared: true });
  expect(tryLock(path)).toBeUndefined();
  one?.release();
  two?.release();
  expect(tryLock(path)).toBeDefined();
});

test("somebody who only asks whether it is locked does not keep anybody from taking it", async () => {
  tryLock(path)?.release();
  // What `isLocked` does, drawn out.
  const asking = Bun.spawn(["flock", "--shared", path, "sh", "-c", "echo held; sleep 0.1"], {
    stdout: "pipe",
  });
  await asking.stdout.getReader().read();
  const lock = tryLock(path, { patienceMs: 10_000 });
  expect(lock).toBeDefined();
  lock?.release();
  await asking.exited;
});

test("a lock on a file that has lost its name is none", () => {
  const first = tryLock(path);
  renameSync(path, `${path}.gone`);
  const second = tryLock(path);
  expect(second).toBeDefined();
  first?.release();
  expect(isLocked(path)).toBe(true);
  second?.release();
});

test("asking makes no file", () => {
  expect(isLocked(path)).toBe(false);
  expect(existsSync(path)).toBe(false);
});

test("children do not inherit the lock", async () => {
  const lock = tryLock(path);
  const child = Bun.spawn(["/bin/sleep", "5"]);
  lock?.release();
  expect(isLocked(path)).toBe(false);
  child.kill("SIGKILL");
  await child.exited;
});

test("other programs see it", async () => {
  const lock = tryLock(path);
  expect((await run("flock", ["-n", path, "true"])).code).toBe(1);
  lock?.release();
  expect((await run("flock", ["-n", path, "true"])).code).toBe(0);
});
