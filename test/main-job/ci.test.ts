// The order of `.ci/run`, and what it leaves behind when a step fails.

import { expect, test } from "bun:test";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const script = join(import.meta.dir, "../../.ci/run");

/** Runs it with a make that only says its target, and fails for one. */
async function ci(failing: string): Promise<{ code: number; lines: readonly string[] }> {
  const dir = await mkdtemp(join(tmpdir(), "k0s-ci-"));
  try {
    const make = `#!/bin/sh\necho "make $1"\n[ "$1" = test ] && echo "7 passed, 0 failed"\n[ "$1" != "${failing}" ]\n`;
    await writeFile(join(dir, "make"), make);
    await chmod(join(dir, "make"), 0o755);
    const child = Bun.spawn([script], {
      env: { PATH: `${dir}:${process.env["PATH"] ?? ""}` },
      stdout: "pipe",
      stderr: "inherit",
    });
    const text = await new Response(child.stdout).text();
    return { code: await child.exited, lines: text.trimEnd().split("\n") };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

test("runs the checks, then the two commands of the README", async () => {
  expect(await ci("")).toEqual({
    code: 0,
    lines: ["make check", "make run", "make stop", "make test", "7 passed, 0 failed"],
  });
});

test("a failed run is ended all the same, and the last line is a count that shows it", async () => {
  expect(await ci("run")).toEqual({
    code: 1,
    lines: [
      "make check",
      "make run",
      "make stop",
      "make run failed; what comes after it was not run",
      "0 passed, 1 failed",
    ],
  });
});

test.each(["check", "stop", "test"])("a failed make %s fails it all", async (target) => {
  expect((await ci(target)).code).not.toBe(0);
});
