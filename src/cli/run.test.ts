import { describe, expect, test } from "bun:test";
import { join } from "node:path";

const main = join(import.meta.dir, "../main.ts");

async function sh(script: string): Promise<{ code: number; out: string; err: string }> {
  const shell = Bun.spawn(["/bin/bash", "-c", script, "bash", process.execPath, main], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(shell.stdout).text(),
    new Response(shell.stderr).text(),
  ]);
  return { code: await shell.exited, out, err };
}

test("what a command prints is complete and in order, also through a slow pipe", async () => {
  const direct = await sh('"$@" completion bash; "$@" config create');
  const slow = await sh('("$@" completion bash; "$@" config create) | (sleep 0.3; cat)');
  expect(slow.out).toBe(direct.out);
  expect(direct.out.length).toBeGreaterThan(1_000);
});

test("a reader that has seen enough is no error; a full disk is one", async () => {
  expect(await sh('set -o pipefail; "$@" --help | head -1')).toMatchObject({ code: 0, err: "" });
  const full = await sh('"$@" --help >/dev/full');
  expect(full.code).toBe(1);
  expect(full.err).toStartWith("Error: cannot write the output: ENOSPC");
  expect(full.err).not.toContain("    at ");
  expect((await sh('"$@" version >/dev/full')).code).toBe(1);
});

// All commands print in one way (oxlint forbids console.log); these need no cluster.
describe.each([
  "version",
  "version --all",
  "version --json",
  "completion bash",
  "completion zsh",
  "completion fish",
  "completion powershell",
  "complete -- ver",
  "config create",
  "--help",
])("k0s %s", (command) => {
  test("into a reader that went away ends well and says nothing", async () => {
    // The reader is gone before the first byte.
    const closed = await sh(`set -o pipefail; (sleep 0.3; exec "$@" ${command}) | :`);
    expect(closed).toEqual({ code: 0, out: "", err: "" });
  }, 60_000);

  test("onto a full disk fails and says so", async () => {
    const full = await sh(`"$@" ${command} >/dev/full`);
    expect(full.code).toBe(1);
    expect(full.err).toMatch(/^Error: cannot write the output: ENOSPC[^\n]*\n$/);
  }, 60_000);
});

test("errors that cannot be written still give the exit code", async () => {
  expect((await sh('"$@" no-such-command 2>/dev/full')).code).toBe(1);
  expect((await sh('"$@" no-such-command 2>&-')).code).toBe(1);
});

// What the user can put right is told once, and shows no stack.
test.each([
  ["completion nosuch", ""],
  ["docs nosuch", ""],
  ["docs man", "ln -s /dev/null man"],
  ["docs man", "ln -s /sys/kernel man"],
  ["docs markdown", "ln -s /sys/kernel docs"],
])("k0s %s after %j is an error of two lines", async (command, before) => {
  const ran = await sh(
    `cd "$(mktemp -d)"; ${before || ":"}; "$@" ${command}; code=$?; rm -r "$PWD"; exit $code`,
  );
  expect(ran.code).toBe(1);
  expect(ran.err).toMatch(/^Error: [^\n]+\n[^\n]+\n$/);
});
