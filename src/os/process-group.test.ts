import { expect, test } from "bun:test";
import { pollUntil } from "../std/wait.ts";
import { endGroupRemains, groupRemains } from "./process-group.ts";
import { isRunning, type ProcessInfo, processInfo } from "./processes.ts";

const member = (pid: number, more: Partial<ProcessInfo> = {}): ProcessInfo => ({
  pid,
  ppid: 1,
  pgid: 500,
  session: 500,
  startTime: 1,
  threads: 1,
  state: "S",
  comm: "x",
  ...more,
});

test("what a leader left is ended; once its number is somebody else's, nobody is", () => {
  const left = [member(501), member(502)];
  expect(groupRemains(500, left)).toEqual(left);
  expect(groupRemains(500, [member(500), ...left])).toEqual([]);
  expect(groupRemains(500, [member(501, { session: 7 }), member(502, { state: "Z" })])).toEqual([]);
});

test("another group of the same number is left alone, an orphan of the group is not", async () => {
  const script = 'sleep 60 >/dev/null & echo "$!"';
  const leader = Bun.spawn(["/bin/sh", "-c", script], { detached: true, stdout: "pipe" });
  const orphan = await processInfo(Number(await new Response(leader.stdout).text()));
  await leader.exited;
  expect(await isRunning(orphan!)).toBe(true);
  await endGroupRemains(leader.pid);
  await pollUntil(async () => !(await isRunning(orphan!)), {
    what: "the end of the orphan",
    intervalMs: 5,
    timeoutMs: 5_000,
  });
  expect(await isRunning(orphan!)).toBe(false);

  const stranger = Bun.spawn(["/bin/sleep", "60"], { detached: true });
  await endGroupRemains(stranger.pid);
  expect(stranger.exitCode).toBeNull();
  stranger.kill("SIGKILL");
  await stranger.exited;
});
