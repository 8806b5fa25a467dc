import { expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { markUsed, pruneEntries, pruneFiles } from "./prune-unused.ts";

const day = 24 * 3600 * 1000;

test("what was not used for two weeks goes, what a build marked stays", async () => {
  const dir = await mkdtemp(join(tmpdir(), "prune-"));
  try {
    for (const [name, days] of [
      ["old", 15],
      ["marked", 15],
      ["young", 13],
    ] as const) {
      await mkdir(join(dir, name));
      await writeFile(join(dir, name, "program"), name);
      const then = new Date(Date.now() - days * day);
      await utimes(join(dir, name, "program"), then, then);
      await utimes(join(dir, name), then, then);
    }
    await markUsed(join(dir, "marked"));
    await pruneEntries(dir);
    expect((await readdir(dir)).sort()).toEqual(["marked", "young"]);
    // File by file, a folder's own time says nothing.
    await pruneFiles(dir);
    expect(await readdir(join(dir, "marked"))).toEqual([]);
    expect(await readdir(join(dir, "young"))).toEqual(["program"]);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
