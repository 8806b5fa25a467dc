import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pollUntil } from "../std/wait.ts";
import { SupervisedProcess } from "./process.ts";
import { silentLog } from "./testdata/recording-log.ts";
import { systemVariables, windowsProcesses, withPath } from "./windows-processes.ts";

let dir = "";
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "k0s-windows-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const { signal } = new AbortController();

/** Stands for the k0s file: notes what it was called with, and ends as it does. */
function launcher(atEnd: string): string {
  const path = join(dir, "k0s.exe");
  writeFileSync(
    path,
    `#!/bin/sh
printf "%s %s\\n" "$K0S_LAUNCHER" "$*" > ${dir}/called.tmp && mv ${dir}/called.tmp ${dir}/called
cat
${atEnd}
`,
  );
  chmodSync(path, 0o755);
  return path;
}

function supervised(atEnd: string): SupervisedProcess {
  return new SupervisedProcess({
    name: "kubelet",
    command: "C:\\bin\\kubelet.exe",
    args: ["--v=1"],
    cwd: dir,
    pidFile: join(dir, "kubelet.pid"),
    log: silentLog,
    stopTimeoutMs: 300,
    system: windowsProcesses(launcher(atEnd)),
  });
}

const isCalled = (): Promise<string> =>
  pollUntil(
    async () => (await Bun.file(join(dir, "called")).exists()) && readFileSync(join(dir, "called"), "utf8"),
    {
      what: "the launcher to be called",
      timeoutMs: 10_000,
      intervalMs: 10,
      signal,
    },
  );

test("a program is started by the k0s file, and ends when that one's standard input does", async () => {
  const kubelet = supervised(`echo ended > ${dir}/ended`);
  await kubelet.start(signal);
  expect(await isCalled()).toBe("run C:\\bin\\kubelet.exe --v=1\n");
  expect(readFileSync(join(dir, "kubelet.pid"), "utf8")).toBe(`${kubelet.pid}\n`);
  await kubelet.stop();
  expect(readFileSync(join(dir, "ended"), "utf8")).toBe("ended\n");
  expect(kubelet.inspect().lastExit).toBe("exited with code 0");
  expect(await Bun.file(join(dir, "kubelet.pid")).exists()).toBe(false);
});

test("one that does not end in time is killed", async () => {
  const kubelet = supervised("exec sleep 60");
  await kubelet.start(signal);
  await isCalled();
  await kubelet.stop();
  expect(kubelet.inspect().lastExit).toBe("was ended by SIGKILL");
});

test("names of variables are the same in whatever letters", () => {
  expect(withPath({ Path: "C:\\Windows", TEMP: "t" })).toEqual({ PATH: "C:\\Windows", TEMP: "t" });
  expect(systemVariables({ ProgramData: "C:\\ProgramData", K0S_TOKEN: "secret", Path: "x" })).toEqual({
    ProgramData: "C:\\ProgramData",
  });
});
