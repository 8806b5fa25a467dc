import { expect, test } from "bun:test";
import { CrashError } from "../../src/std/program-end.ts";
import { pollUntil } from "../../src/std/wait.ts";
import { MachineCrashes } from "./machine-crashes.ts";

function start(script: string): Promise<number> {
  // As in a machine: a helper passes a signal on as an exit code.
  return Bun.spawn(["sh", "-c", `sh -c '${script}'; exit $?`], { stderr: "pipe" }).exited;
}

const neverEnding = {
  what: "something",
  intervalMs: 10,
  timeoutMs: 3_600_000,
  fatal: (err: unknown) => err instanceof CrashError,
};

test("a program that crashes beside the test ends the wait for what it should do", async () => {
  const crashes = new MachineCrashes();
  crashes.follow("m0: etcd", start("sleep 0.1; kill -SEGV $$"), async () => "its last line");
  const wait = pollUntil(
    crashes.guard(() => false),
    neverEnding,
  );
  const failure = await wait.then(
    () => "no error",
    (err: Error) => err.message,
  );
  expect(failure).toBe("m0: etcd crashed with SIGSEGV (segmentation fault):\nits last line");
});

test.each(["exit 0", "exit 3", "kill -KILL $$", "kill -TERM $$"])(
  "%s is an end that a test may want",
  async (script) => {
    const crashes = new MachineCrashes();
    const exited = start(script);
    crashes.follow("m0: k0s", exited, async () => "");
    await exited;
    expect(
      await pollUntil(
        crashes.guard(() => "seen"),
        neverEnding,
      ),
    ).toBe("seen");
  },
);
