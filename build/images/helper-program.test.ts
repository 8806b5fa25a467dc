import { expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { repoRoot } from "../cache-root.ts";
import { hostPlatform } from "../platform.ts";
import { buildHelperProgram } from "./helper-program.ts";

// Two images share one program, and images are built side by side: on a machine with an empty cache both build it.
test.each(["calico/entry", "pause/pause.c"])("%s is built several times at once", async (source) => {
  const cache = await mkdtemp(join(tmpdir(), "k0s-helper-"));
  try {
    const { signal } = new AbortController();
    const build = () => buildHelperProgram(source, hostPlatform(), cache, signal);
    const built = await Promise.all(Array.from({ length: 8 }, build));
    expect(new Set(built.map(({ path }) => path)).size).toBe(1);
    const { path } = await build();
    expect(await readdir(dirname(path))).toEqual([path.slice(dirname(path).length + 1)]);
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
});

test("the programs that note what they have installed on a host do it with the same bytes, each in a module of its own", async () => {
  const text = (program: string): Promise<string> =>
    readFile(join(repoRoot, "images", program, "record.go"), "utf8");
  expect(await text("cni-plugins/install")).toBe(await text("calico/entry"));
});
