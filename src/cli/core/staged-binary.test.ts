import { expect, test } from "bun:test";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodePaths } from "../../product/paths.ts";
import { stagingDir } from "./staged-binary.ts";

test("a command for clients unpacks its program into the data directory of an installation, and into no other", async () => {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), "k0s-staged-")));
  try {
    const paths = nodePaths({ dataDir });
    const env = { XDG_CACHE_HOME: "/home/ann/cache" };
    expect(await stagingDir(paths, { root: true, env })).toBe("/var/cache/k0s/bin");
    expect(await stagingDir(paths, { root: false, env })).toBe("/home/ann/cache/k0s/bin");
    writeFileSync(join(dataDir, "installation.json"), "{}");
    expect(await stagingDir(paths, { root: true, env })).toBe(paths.binDir);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});
