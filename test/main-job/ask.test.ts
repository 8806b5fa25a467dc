import { expect, test } from "bun:test";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ask } from "./ask.ts";

/** Asks with our own curl, which is a line of shell. */
async function askWith(curl: string, timeoutMs = 60_000): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "k0s-ask-"));
  try {
    await writeFile(join(dir, "curl"), `#!/bin/sh\n${curl}\n`);
    await chmod(join(dir, "curl"), 0o755);
    const env = { PATH: `${dir}:${process.env["PATH"] ?? ""}`, DIR: dir };
    // As through `kubectl exec` and a machine, where a signal arrives as an exit code.
    const through = ["sh", "-c", '"$@"; exit $?', "sh"];
    return await ask({ through, url: "http://web/", timeoutMs, env });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The message that it fails with. */
const failure = (curl: string, timeoutMs: number): Promise<string> =>
  askWith(curl, timeoutMs).then(
    () => "no error",
    (err: Error) => err.message,
  );

test("the answer is what the program prints", async () => {
  expect(await askWith("echo greetings")).toBe("greetings\n");
});

test("a refusal is asked again", async () => {
  const once = "[ -e $DIR/asked ] && exec echo greetings; touch $DIR/asked; echo refused >&2; exit 7";
  expect(await askWith(once)).toBe("greetings\n");
});

test.each([
  ["SEGV", "curl crashed with SIGSEGV (segmentation fault)"],
  ["ILL", "curl crashed with SIGILL (illegal instruction)"],
  ["BUS", "curl crashed with SIGBUS (bus error)"],
  ["ABRT", "curl crashed with SIGABRT (aborted itself)"],
])("a crash by SIG%s ends the step at once, named", async (signal, words) => {
  // Had it been taken for "not yet", the test's own time would be over before.
  expect(await failure(`echo last words >&2; kill -${signal} $$`, 3_600_000)).toStartWith(
    `${words}:\nlast words`,
  );
});

test("what never answers ends with the program's last words", async () => {
  expect(await failure("echo curl: connection refused >&2; exit 7", 300)).toBe(
    "http://web/ did not answer within 0.3 s; curl last exited with code 7:\ncurl: connection refused",
  );
});
