import { expect, test } from "bun:test";
import {
  endProcess,
  isRunning,
  listProcesses,
  processArguments,
  processEnvironment,
  processExecutable,
  processInfo,
  signalProcess,
} from "./processes.ts";
import { pollUntil } from "../std/wait.ts";

test("a process is described by the kernel's own words", async () => {
  const child = Bun.spawn(["/bin/sleep", "30"], {
    argv0: "a (strange) name",
    env: { MARK: "a=b", EMPTY: "" },
  });
  try {
    await Bun.sleep(20);
    const info = await processInfo(child.pid);
    expect(info).toMatchObject({ pid: child.pid, ppid: process.pid, comm: "sleep" });
    expect(await processArguments(child.pid)).toEqual(["a (strange) name", "30"]);
    expect(Object.fromEntries(await processEnvironment(child.pid))).toEqual({ MARK: "a=b", EMPTY: "" });
    expect(await processExecutable(child.pid)).toMatch(/sleep|busybox|coreutils/);
    expect((await listProcesses()).some(({ pid }) => pid === child.pid)).toBe(true);
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
});

test("a reused pid is not mistaken for the process", async () => {
  const info = await processInfo(process.pid);
  expect(await isRunning({ pid: process.pid, startTime: info!.startTime })).toBe(true);
  expect(await isRunning({ pid: process.pid, startTime: info!.startTime - 1 })).toBe(false);
  expect(await signalProcess({ pid: process.pid, startTime: 1 }, "SIGKILL")).toBe(false);
});

/** Ends its first thread while others go on, as a program does for a moment that runs another one from a thread. */
const firstThreadEnds = `
  const { dlopen } = require("bun:ffi");
  new Worker("data:text/javascript,setInterval(() => undefined, 1000)");
  const { symbols } = dlopen("libc.so.6", { syscall: { args: ["i64", "i64"], returns: "i64" } });
  setTimeout(() => symbols.syscall(${process.arch === "arm64" ? 93 : 60}, 0), 100);
`;

test("a process whose first thread has ended runs as long as another does", async () => {
  const child = Bun.spawn([process.execPath, "-e", firstThreadEnds]);
  const info = await processInfo(child.pid);
  try {
    const state = async (): Promise<string | undefined> => (await processInfo(child.pid))?.state;
    await pollUntil(async () => (await state()) === "Z", { what: "Z", intervalMs: 5, timeoutMs: 20_000 });
    expect(await isRunning(info!)).toBe(true);
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
  expect(await isRunning(info!)).toBe(false);
});

test("a process that has ended, and that nobody has waited for, does not run", async () => {
  const parent = Bun.spawn(["/bin/sh", "-c", "sleep 0 & echo $!; exec sleep 30"], { stdout: "pipe" });
  try {
    const { value } = await parent.stdout.getReader().read();
    const pid = Number(new TextDecoder().decode(value));
    const info = await pollUntil(
      async () => {
        const now = await processInfo(pid);
        return now?.state === "Z" && now;
      },
      { what: "a zombie", intervalMs: 5, timeoutMs: 10_000 },
    );
    expect(await isRunning(info)).toBe(false);
  } finally {
    parent.kill("SIGKILL");
    await parent.exited;
  }
});

test("a process that ignores SIGTERM is killed with its group", async () => {
  const child = Bun.spawn(["/bin/sh", "-c", "trap '' TERM; sleep 60 & echo $!; wait; sleep 60"], {
    stdout: "pipe",
    detached: true,
  });
  const { value } = await child.stdout.getReader().read();
  const grandchild = Number(new TextDecoder().decode(value));
  const [info, left] = await Promise.all([processInfo(child.pid), processInfo(grandchild)]);
  await endProcess(info!, { timeoutMs: 100, group: true });
  await child.exited;
  // Its `sleep` would last a minute; the kernel needs a moment for whom it has killed.
  const isGone = async (): Promise<boolean> => !(await isRunning(left!));
  await pollUntil(isGone, { what: "the end of the grandchild", intervalMs: 5, timeoutMs: 10_000 });
});

test("what is gone is gone", async () => {
  expect(await processInfo(2 ** 22 + 1)).toBeUndefined();
  expect(await processArguments(2 ** 22 + 1)).toEqual([]);
  await endProcess({ pid: 2 ** 22 + 1, startTime: 1 }, { timeoutMs: 10 });
});
