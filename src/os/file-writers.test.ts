import { expect, test } from "bun:test";
import { mkdtemp, open, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findWriter } from "./file-writers.ts";

test("a file that is open for writing is found, through a link, too; one that is only read is not", async () => {
  const dir = await mkdtemp(join(tmpdir(), "k0s-writers-"));
  try {
    const path = join(dir, "all.yaml");
    await writeFile(path, "");
    await symlink(path, join(dir, "link.yaml"));
    const reading = await open(path, "r");
    expect(await findWriter([path])).toBeUndefined();
    const writing = await open(join(dir, "link.yaml"), "a");
    expect(await findWriter([path])).toEqual({ pid: process.pid, path });
    await writing.close();
    expect(await findWriter([path])).toBeUndefined();
    await reading.close();
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
