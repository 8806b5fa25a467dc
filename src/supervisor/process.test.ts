import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRunning, processInfo } from "../os/processes.ts";
import type { Logger } from "../std/log.ts";
import { pollUntil } from "../std/wait.ts";
import { SupervisedProcess } from "./process.ts";
import type { SupervisedProcessOptions } from "./process.ts";
import { recordingLog } from "./testdata/recording-log.ts";
import type { Logged } from "./testdata/recording-log.ts";

let dir = "";
let logged: Logged[] = [];
let started: SupervisedProcess[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "k0s-process-"));
  logged = [];
  started = [];
});

afterEach(async () => {
  await Promise.all(started.map((supervised) => supervised.stop()));
  rmSync(dir, { recursive: true, force: true });
});

const never = new AbortController().signal;
const pidFile = () => join(dir, "run", "thing.pid");

function shell(script: string, more: Partial<SupervisedProcessOptions> = {}): SupervisedProcess {
  const supervised = new SupervisedProcess({
    name: "thing",
    command: "/bin/sh",
    args: ["-c", script],
    cwd: dir,
    pidFile: pidFile(),
    stopTimeoutMs: 2000,
    log: recordingLog(logged),
    ...more,
  });
  started.push(supervised);
  return supervised;
}

const until = (what: string, probe: () => boolean | Promise<boolean>) =>
  pollUntil(probe, { what, intervalMs: 5, timeoutMs: 5000 });
const messages = () => logged.map(({ message }) => message);

test("a child runs in its directory with our mark, is known by its pid file, and goes away on stop", async () => {
  const supervised = shell(`echo "$PWD $_K0S_MANAGED $THING_X $X $PATH"; exec sleep 60`, {
    binDir: "/data/bin",
    env: { X: "own" },
  });
  await supervised.start(never);
  await until("output", () => supervised.lastOutput().length > 0);
  expect(supervised.lastOutput()[0]).toStartWith(`${dir} yes  own /data/bin:`);
  expect(readFileSync(pidFile(), "utf8")).toBe(`${supervised.pid}\n`);
  const info = await processInfo(supervised.pid ?? 0);
  expect(info).toMatchObject({ pgid: supervised.pid, ppid: process.pid });
  await supervised.stop();
  expect(await isRunning(info!)).toBe(false);
  expect(supervised.pid).toBeUndefined();
  expect(existsSync(pidFile())).toBe(false);
});

test("a child that is killed is started again at once", async () => {
  const supervised = shell("exec sleep 60");
  await supervised.start(never);
  const first = supervised.pid ?? 0;
  await Bun.sleep(50);
  process.kill(first, "SIGKILL");
  await until("restart", () => supervised.pid !== undefined && supervised.pid !== first);
  expect(supervised.inspect()).toMatchObject({ restarts: 1, lastExit: "was ended by SIGKILL" });
  await until("pid file", () => readFileSync(pidFile(), "utf8") === `${supervised.pid}\n`);
  expect(logged.filter(({ level }) => level === "error").map(({ fields }) => fields)).toMatchObject([
    { how: "was ended by SIGKILL", delayMs: 0 },
  ]);
});

test("nothing that throws on the way keeps a process from being started again", async () => {
  const fail = (): never => {
    throw new Error("ENOSPC: no space left on device, write");
  };
  const log: Logger = { debug: fail, info: fail, warn: fail, error: fail, with: () => log };
  const supervised = shell("exec sleep 60", { log });
  supervised.observe(fail);
  await supervised.start(never);
  for (let turn = 0; turn < 2; turn++) {
    const before = supervised.pid ?? 0;
    process.kill(before, "SIGKILL");
    await until("restart", () => supervised.pid !== undefined && supervised.pid !== before);
  }
});

test("a child that keeps ending is started again more and more slowly, and stop ends the wait", async () => {
  const exits: string[] = [];
  const supervised = shell("echo dying >&2; exit 3");
  supervised.observe((event) => void (event.kind === "ended" && exits.push(event.how)));
  await supervised.start(never);
  await until("three ends", () => supervised.restarts >= 3);
  const delays = logged.filter(({ level }) => level === "error").map(({ fields }) => fields["delayMs"]);
  expect(delays.slice(0, 3)).toEqual([0, 200, 400]);
  expect(exits[0]).toBe("exited with code 3");
  expect(messages()).toContain("dying");
  const stoppedAt = performance.now();
  await supervised.stop();
  expect(performance.now() - stoppedAt).toBeLessThan(200);
});

test("a child that ignores SIGTERM is killed with everything it started", async () => {
  const supervised = shell("trap '' TERM; sleep 60 & echo $!; while :; do sleep 1; done", {
    stopTimeoutMs: 100,
  });
  await supervised.start(never);
  await until("output", () => supervised.lastOutput().length > 0);
  const grandchild = await processInfo(Number(supervised.lastOutput()[0]));
  await supervised.stop();
  expect(await isRunning(grandchild!)).toBe(false);
  expect(messages()).toContain("Process did not stop in time, killing it");
});

test("whatever a dead child leaves in its group is ended before the next one starts", async () => {
  const supervised = shell("sleep 60 & echo $!; wait");
  await supervised.start(never);
  await until("output", () => supervised.lastOutput().length > 0);
  const grandchild = await processInfo(Number(supervised.lastOutput()[0]));
  process.kill(supervised.pid ?? 0, "SIGKILL");
  await until("restart", () => supervised.lastOutput().length > 1);
  expect(await isRunning(grandchild!)).toBe(false);
});

test("a restart that we ask for takes new arguments, is no failure, and ends a back-off", async () => {
  const supervised = shell("echo one; exec sleep 60");
  await supervised.start(never);
  await until("output", () => supervised.lastOutput().includes("one"));
  await supervised.restart(["-c", "echo two; exit 1"]);
  await until("back-off", () => logged.some(({ fields }) => fields["delayMs"] === 400));
  const askedAt = performance.now();
  await supervised.restart(["-c", "echo three; exec sleep 60"]);
  expect(performance.now() - askedAt).toBeLessThan(200);
  await until("output", () => supervised.lastOutput().includes("three"));
  expect(supervised.restarts).toBe(3);
});

test("another log level counts from the next start on, also with new arguments, until it is taken back", async () => {
  const supervised = shell("echo $1; exec sleep 60", {
    args: ["-c", "echo $1; exec sleep 60", "sh", "--v=1"],
  });
  await supervised.start(never);
  const says = (level: number) => until("level", () => supervised.lastOutput().at(-1) === `--v=${level}`);
  await says(1);
  expect(supervised.setLogLevel({ shown: null, own: "debug" })).toBe(false);
  expect(supervised.setLogLevel({ shown: null, own: "4" })).toBe(true);
  await supervised.restart();
  await says(4);
  await supervised.restart(["-c", "echo $1; exec sleep 60", "sh", "--v=2"]);
  await says(4);
  expect(supervised.setLogLevel({ shown: null, own: null })).toBe(true);
  await supervised.restart();
  await says(2);
});

test("a failing clean-up before a start is tried again; before the first one it is the caller's", async () => {
  let turn = 0;
  const supervised = shell("exit 1", {
    beforeStart: async () => {
      turn += 1;
      if (turn === 2) throw new Error("not now");
    },
  });
  await supervised.start(never);
  await until("another try", () => turn >= 3);
  const broken = shell("exit 1", { beforeStart: () => Promise.reject(new Error("never")) });
  expect(broken.start(never)).rejects.toThrow("never");
  expect(shell("", { command: "/no/such/file" }).start(never)).rejects.toThrow(
    "/no/such/file is no executable file",
  );
});

test("starting twice is an error; stopping twice, or what never ran, is not", async () => {
  const supervised = shell("exec sleep 60");
  await supervised.stop();
  const other = shell("exec sleep 60");
  await other.start(never);
  expect(other.start(never)).rejects.toThrow("already started");
  await Promise.all([other.stop(), other.stop()]);
  expect(supervised.start(never)).rejects.toThrow("being stopped");
});

test("a stop in the middle of a start leaves no child", async () => {
  const supervised = shell("exec sleep 60");
  const starting = supervised.start(never).catch((err: unknown) => err);
  await supervised.stop();
  expect(await starting).toMatchObject({ message: "thing is being stopped" });
  expect(supervised.pid).toBeUndefined();
  expect(existsSync(pidFile())).toBe(false);
});

test("an abort before the start means no start", () => {
  expect(shell("exec sleep 60").start(AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
});

const supervisor = join(import.meta.dir, "testdata/supervise.ts");
const helper = join(import.meta.dir, "../os/testdata/exec-main.ts");

async function killedSupervisor(...args: string[]): Promise<number> {
  const parent = Bun.spawn([process.execPath, supervisor, dir, ...args], { stdout: "pipe" });
  const { value } = await parent.stdout.getReader().read();
  await Bun.sleep(50); // for the helper to become the program
  parent.kill("SIGKILL");
  await parent.exited;
  return Number(new TextDecoder().decode(value));
}

test("with the helper a child dies with a supervisor that is killed", async () => {
  const pid = await killedSupervisor("exec sleep 60", helper);
  await until("end", async () => {
    const info = await processInfo(pid);
    return info === undefined || info.state === "Z";
  });
});

test("without it the next start finds what was left, and ends it first", async () => {
  const pid = await killedSupervisor("trap '' TERM; while :; do sleep 0.1 >/dev/null 2>&1; done");
  const left = await processInfo(pid);
  expect(await isRunning(left!)).toBe(true);
  const supervised = shell("exec sleep 60", { pidFile: join(dir, "thing.pid"), stopTimeoutMs: 100 });
  await supervised.start(never);
  expect(await isRunning(left!)).toBe(false);
  expect(supervised.pid).not.toBe(pid);
  expect(messages()).toContain("Ended a process that an earlier run had left");
});

test("a pid file that means somebody else is no reason to touch them", async () => {
  const stranger = Bun.spawn(["/bin/sleep", "60"], { env: {} });
  writeFileSync(join(dir, "thing.pid"), `${stranger.pid}\n`);
  await shell("exec sleep 60", { pidFile: join(dir, "thing.pid") }).start(never);
  expect(stranger.exitCode).toBeNull();
  expect(stranger.killed).toBe(false);

  // Ours, but another process than the one that was recorded.
  const marked = Bun.spawn(["/bin/sleep", "60"], { env: { _K0S_MANAGED: "yes" } });
  writeFileSync(join(dir, "other.pid"), `${marked.pid}\n`);
  writeFileSync(join(dir, "other.starttime"), "1\n");
  await shell("exec sleep 60", { pidFile: join(dir, "other.pid") }).start(never);
  expect(await processInfo(marked.pid)).toMatchObject({ comm: "sleep" });
  stranger.kill("SIGKILL");
  marked.kill("SIGKILL");
  await Promise.all([stranger.exited, marked.exited]);
});

test("a pid file without a pid is an error that names it", () => {
  writeFileSync(join(dir, "thing.pid"), "garbage\n");
  expect(shell("exec sleep 60", { pidFile: join(dir, "thing.pid") }).start(never)).rejects.toThrow(
    join(dir, "thing.pid"),
  );
});
