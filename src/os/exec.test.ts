import { expect, test } from "bun:test";
import { cleanEnvironment, run, runOrThrow } from "./exec.ts";
import { findExecutable } from "./find-executable.ts";

test("exit code, signal, both streams and input come through", async () => {
  const echo = await run("/bin/sh", ["-c", "cat; echo err >&2; exit 3"], { input: "hello" });
  expect(echo).toEqual({ code: 3, signal: null, stdout: "hello", stderr: "err\n" });
  const killed = await run("/bin/sh", ["-c", "kill -TERM $$"]);
  expect(killed.signal).toBe("SIGTERM");
});

test("a program that does not exist is named", () => {
  expect(run("/no/such/program", [])).rejects.toThrow("Cannot run /no/such/program: not found.");
});

test("an abort ends the whole group and rejects with its reason", async () => {
  const abort = new AbortController();
  const started = performance.now();
  const running = run("/bin/sh", ["-c", "sleep 30 & sleep 30"], { signal: abort.signal });
  setTimeout(() => abort.abort(new Error("enough")), 50);
  expect(running).rejects.toThrow("enough");
  await running.catch(() => undefined);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("a time-out is an error", () => {
  expect(run("/bin/sleep", ["30"], { timeoutMs: 50 })).rejects.toThrow("did not end within 50 ms");
});

test("output beyond the limit is dropped while the program goes on", async () => {
  const result = await run("/bin/sh", ["-c", "head -c 300000 /dev/zero; echo done >&2"], {
    maxOutputBytes: 1000,
  });
  expect(result.stdout.length).toBe(1000);
  expect(result.stderr).toBe("done\n");
});

test("a daemon that holds the pipes does not hold us", async () => {
  const started = performance.now();
  const { stdout } = await run("/bin/sh", ["-c", "setsid sleep 8 & echo started"]);
  expect(stdout).toBe("started\n");
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("failure quotes the last line of stderr", () => {
  expect(runOrThrow("/bin/sh", ["-c", "echo first >&2; echo last >&2; exit 2"])).rejects.toThrow(
    /code 2: last$/,
  );
});

test("variables that steer our runtime do not reach children", () => {
  expect(cleanEnvironment({ BUN_OPTIONS: "--preload x", PATH: "/bin", GONE: undefined })).toEqual({
    PATH: "/bin",
  });
});

test("executables are found beyond PATH too", () => {
  expect(findExecutable("sh", "")).toMatch(/\/sh$/);
  expect(findExecutable("no-such-program-at-all")).toBeUndefined();
});
