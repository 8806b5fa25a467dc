import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pollUntil } from "../std/wait.ts";
import { ComponentGroup } from "./group.ts";
import { keepPidFile } from "./pid-file.ts";
import { processComponent } from "./process-component.ts";
import { type Logged, recordingLog } from "./testdata/recording-log.ts";

let dir = "";
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "k0s-pid-file-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A file where the folder should be: nothing can be written there, as on a full disk. */
const blocked = (): string => {
  writeFileSync(join(dir, "run"), "");
  return join(dir, "run", "thing.pid");
};

test("one that cannot be written is tried again until it can", async () => {
  const lines: Logged[] = [];
  const pidFile = blocked();
  const kept = await keepPidFile(pidFile, { pid: 7, startTime: 1 }, { log: recordingLog(lines), pauseMs: 5 });
  expect(kept.trouble()?.what).toStartWith("its pid file cannot be written: ");
  await Bun.sleep(30);
  unlinkSync(join(dir, "run"));
  await pollUntil(() => kept.trouble() === undefined, { what: "the file", intervalMs: 5, timeoutMs: 5_000 });
  expect(readFileSync(pidFile, "utf8")).toBe("7\n");
  expect(lines.map(({ message }) => message)).toEqual([
    "The process runs, but its pid file cannot be written",
    "The pid file is written now",
  ]);
  await kept.end();
});

test("nothing is written after its end", async () => {
  const pidFile = blocked();
  const log = recordingLog([]);
  const kept = await keepPidFile(pidFile, { pid: 7, startTime: 1 }, { log, pauseMs: 5 });
  await kept.end();
  unlinkSync(join(dir, "run"));
  await Bun.sleep(30);
  expect(existsSync(pidFile)).toBe(false);
});

test("a process whose pid file cannot be written runs, and its status says what is wrong, not that it did not start", async () => {
  const lines: Logged[] = [];
  const log = recordingLog(lines);
  const pidFile = join(dir, "run", "thing.pid");
  const component = processComponent({
    process: { name: "thing", command: "/bin/sh", args: ["-c", "exec sleep 60"], cwd: dir, pidFile, log },
    readiness: { what: "the thing", intervalMs: 5, probe: async () => true },
  });
  const group = new ComponentGroup({ name: "node", components: [component], log });
  await group.start(new AbortController().signal);
  const status = () => group.statuses()[0]!;
  expect(status().state).toBe("ready");
  rmSync(join(dir, "run"), { recursive: true });
  writeFileSync(join(dir, "run"), "");
  const first = status().pid!;
  process.kill(first, "SIGKILL");
  await pollUntil(() => status().pid !== undefined && status().lastError?.includes("pid file") === true, {
    what: "the next process",
    intervalMs: 5,
    timeoutMs: 5_000,
  });
  expect(status()).toMatchObject({ state: "unhealthy", restarts: 1, lastExit: "was ended by SIGKILL" });
  expect(status().pid).not.toBe(first);
  await group.stop().catch(() => "the pid file cannot be removed either");
});
