// Same inputs, same bytes: two checkouts in different places build the same file, and it names neither of them.

import { expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../src/os/exec.ts";

const repository = join(import.meta.dir, "../..");

async function build(checkout: string): Promise<{ sums: string; runtime: Buffer }> {
  for (const argv of [
    ["git", "clone", "--quiet", repository, checkout],
    ["make", "--silent", "-C", checkout, "build"],
  ]) {
    const [program = "", ...args] = argv;
    const result = await run(program, args, { timeoutMs: 600_000 });
    if (result.code !== 0) throw new Error(`${argv.join(" ")} failed\n${result.stderr}`);
  }
  return {
    sums: await readFile(join(checkout, "dist/sha256sums"), "utf8"),
    runtime: await readFile(join(checkout, "dist/runtime/linux-amd64/runtime")),
  };
}

test("two checkouts build the same bytes", async () => {
  const dir = await mkdtemp(join(tmpdir(), "k0s-reproducible-"));
  try {
    const first = await build(join(dir, "one"));
    const second = await build(join(dir, "another-place"));
    expect(second.sums).toBe(first.sums);
    expect(first.runtime.includes(dir)).toBe(false);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
