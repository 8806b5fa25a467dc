import { expect, test } from "bun:test";
import { runCommand } from "./run-command.ts";

const failure = (script: string): Promise<string> =>
  runCommand(["sh", "-c", script], { what: "making something" }).then(
    (output) => output,
    (err: Error) => err.message,
  );

test("the output of a command that succeeds is returned", async () => {
  expect(await failure("echo done; echo noise >&2")).toBe("done\n");
});

test.each([
  ["exit 3", "making something failed; sh exited with code 3:\nlast words"],
  ["kill -SEGV $$", "making something failed; sh crashed with SIGSEGV (segmentation fault):\nlast words"],
  ["kill -KILL $$", "making something failed; sh was ended by SIGKILL:\nlast words"],
])("of `%s` the error says how it ended and what it said", async (end, message) => {
  expect(await failure(`echo last words >&2; ${end}`)).toBe(message);
});
