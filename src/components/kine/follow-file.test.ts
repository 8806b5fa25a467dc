import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { statIfExists } from "../../os/files.ts";
import { processInfo } from "../../os/processes.ts";
import { pollUntil } from "../../std/wait.ts";
import { processComponent } from "../../supervisor/process-component.ts";
import { type Logged, recordingLog } from "../../supervisor/testdata/recording-log.ts";
import { followFile } from "./follow-file.ts";
import { openedFile } from "./opened-file.ts";
import { servedFiles } from "./served-files.ts";

let dir = "";
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "k0s-follow-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const signal = AbortSignal.timeout(60_000);
const until = (what: string, probe: () => boolean): Promise<unknown> =>
  pollUntil(probe, { what, intervalMs: 10, timeoutMs: 20_000 });

test("a process whose file is moved away ends, and comes back with the file", async () => {
  const path = join(dir, "state.db");
  writeFileSync(path, "database");
  const inode = statSync(path).ino;
  const late = join(dir, "state.db-wal");
  const lines: Logged[] = [];
  const log = recordingLog(lines);
  const file = openedFile(path, servedFiles(dir, log));
  const program = processComponent({
    process: {
      name: "kine",
      command: "/bin/sh",
      // Like SQLite, it would put its last words where the name leads to.
      args: ["-c", `exec 3<${path}; trap 'echo >${late}; exit' TERM; while :; do sleep 0.05; done`],
      cwd: dir,
      pidFile: join(dir, "kine.pid"),
      stopTimeoutMs: 1_000,
      log,
      beforeStart: async () => {
        await file.opening();
        if ((await statIfExists(path)) === undefined) throw new Error("it is gone");
      },
    },
  });
  const kine = followFile(program, { file, log, everyMs: 20 });
  const pid = (): number | undefined => kine.inspect?.().pid;
  await kine.start(signal);
  let last = 0;
  try {
    const first = pid();
    await Bun.sleep(200);
    expect([first !== undefined, pid()]).toEqual([true, first]);
    renameSync(path, join(dir, "aside"));
    await until("its refusal", () => kine.inspect?.().lastExit === "could not be started: it is gone");
    expect([pid(), existsSync(late)]).toEqual([undefined, false]);
    renameSync(join(dir, "aside"), path);
    await until("another process", () => pid() !== undefined);
    last = pid() ?? 0;
    expect([last === first, statSync(path).ino]).toEqual([false, inode]);
    expect(lines.filter(({ message }) => message.includes("moved away or replaced"))).toHaveLength(1);
  } finally {
    await kine.stop();
  }
  expect(await processInfo(last)).toBeUndefined();
}, 60_000);
