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

test("a process that ignores SIGTERM is killed with its group", async () => {
  const child = Bun.spawn(["/bin/sh", "-c", "trap '' TERM; sleep 60 & echo $!; wait; sleep 60"], {
    stdout: "pipe",
    detached: true,
  });
  const { value } = await child.stdout.getReader().read();
  const grandchild = Number(new TextDecoder().decode(value));
  const info = await processInfo(child.pid);
  await endProcess(info!, { timeoutMs: 100, group: true });
  await child.exited;
  const left = await processInfo(grandchild);
  expect(left === undefined || left.state === "Z").toBe(true);
});

test("what is gone is gone", async () => {
  expect(await processInfo(2 ** 22 + 1)).toBeUndefined();
  expect(await processArguments(2 ** 22 + 1)).toEqual([]);
  await endProcess({ pid: 2 ** 22 + 1, startTime: 1 }, { timeoutMs: 10 });
});
