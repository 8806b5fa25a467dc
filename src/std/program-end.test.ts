import { expect, test } from "bun:test";
import { assertNoCrash, CrashError, crashSignal, describeEnd, type ProgramEnd } from "./program-end.ts";

test.each<[ProgramEnd, string | undefined, string]>([
  [{ code: 0, signal: null }, undefined, "exited with code 0"],
  [{ code: 1 }, undefined, "exited with code 1"],
  [{ code: 127 }, undefined, "exited with code 127"],
  [{ code: null, signal: "SIGSEGV" }, "SIGSEGV", "crashed with SIGSEGV (segmentation fault)"],
  [{ code: 139 }, "SIGSEGV", "crashed with SIGSEGV (segmentation fault)"],
  [{ code: 132, signal: null }, "SIGILL", "crashed with SIGILL (illegal instruction)"],
  [{ code: 134 }, "SIGABRT", "crashed with SIGABRT (aborted itself)"],
  [{ code: 135 }, "SIGBUS", "crashed with SIGBUS (bus error)"],
  [{ code: null, signal: 4 }, "SIGILL", "crashed with SIGILL (illegal instruction)"],
  // Somebody ended these: that says nothing about the program.
  [{ code: null, signal: "SIGTERM" }, undefined, "was ended by SIGTERM"],
  [{ code: null, signal: "SIGKILL" }, undefined, "was ended by SIGKILL"],
  [{ code: 143 }, undefined, "exited with code 143"],
  [{ code: 137 }, undefined, "exited with code 137"],
  // Not a signal's number.
  [{ code: 255 }, undefined, "exited with code 255"],
  [{ code: null }, undefined, "was ended by a signal"],
])("%p", (end, crash, words) => {
  expect(crashSignal(end)).toBe(crash as never);
  expect(describeEnd(end)).toBe(words);
});

test("a real program that kills itself is a crash for its parent and through a shell", () => {
  const direct = Bun.spawnSync(["sh", "-c", "kill -SEGV $$"]);
  expect(crashSignal({ code: direct.exitCode, signal: direct.signalCode as NodeJS.Signals })).toBe("SIGSEGV");
  const inside = Bun.spawnSync(["sh", "-c", "sh -c 'kill -ABRT $$'; exit $?"]);
  expect(crashSignal({ code: inside.exitCode })).toBe("SIGABRT");
});

test("the error names the program, the signal and what the program said", () => {
  const crash = (): void => assertNoCrash("curl", { code: 139 }, "before the end\n");
  expect(crash).toThrow(new CrashError("curl", { code: 139, crash: "SIGSEGV" }, "before the end"));
  expect(crash).toThrow("curl crashed with SIGSEGV (segmentation fault):\nbefore the end");
  expect(() => assertNoCrash("curl", { code: 7 })).not.toThrow();
});
