import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processInfo } from "../../os/processes.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import { silentLogger } from "../../std/logfmt.ts";
import { lookFirst } from "./look-first.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "k0s-look-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** How a look at a program of the shell ends; the program has ended, too. */
async function outcome(script: string, look: () => Promise<void>, patienceMs = 10_000): Promise<string> {
  const process = {
    name: "kine-look",
    command: "/bin/sh",
    args: ["-c", `echo $$ > ${join(dir, "pid")}; ${script}`],
    cwd: dir,
    pidFile: join(dir, "run", "kine-look.pid"),
    stopTimeoutMs: 100,
    log: silentLogger(),
  };
  const signal = AbortSignal.timeout(30_000);
  const ended = await lookFirst({ process, look, patienceMs }, signal).then(
    () => "well",
    (err: unknown) => `${err instanceof UserError ? "wrong: " : ""}${errorMessage(err)}`,
  );
  if (existsSync(join(dir, "pid"))) {
    const pid = Number(readFileSync(join(dir, "pid"), "utf8"));
    expect(await processInfo(pid)).toBeUndefined();
  }
  expect(existsSync(process.pidFile)).toBe(false);
  return ended;
}

test("a database that answers late and is the right one passes", async () => {
  let asked = 0;
  const look = async (): Promise<void> => {
    asked += 1;
    if (asked < 3) throw new Error("connection refused");
  };
  expect(await outcome("trap '' TERM; while :; do sleep 1; done", look)).toBe("well");
  expect(asked).toBe(3);
});

test("the wrong one is an error at once", async () => {
  const look = (): Promise<void> => Promise.reject(new UserError("it holds nothing of the cluster"));
  expect(await outcome("exec sleep 100", look)).toBe("wrong: it holds nothing of the cluster");
});

test("one that does not answer is told in the words of the program", async () => {
  const look = (): Promise<void> => Promise.reject(new Error("connection refused"));
  expect(await outcome("echo 'level=error msg=\"no such host db\"'; exec sleep 100", look, 1_500)).toMatch(
    /^timed out after 1\.5s waiting for the database: connection refused; it says: .*no such host db/,
  );
});
