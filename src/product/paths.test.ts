import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodePaths } from "./paths.ts";

test("an empty path is none, and never the working directory", () => {
  expect(nodePaths({ dataDir: "", runDir: "", kubeletRootDir: "", statusSocket: "" })).toEqual(nodePaths());
});

test("the directories are those that the kernel knows, whatever links lead there", () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "k0s-paths-")));
  try {
    for (const name of ["data", "kubelet"]) {
      mkdirSync(join(dir, "real", name), { recursive: true });
      symlinkSync(join(dir, "real", name), join(dir, name));
    }
    symlinkSync(join(dir, "real"), join(dir, "disk"));
    const paths = nodePaths({ dataDir: join(dir, "data"), kubeletRootDir: join(dir, "kubelet") });
    expect(paths).toMatchObject({
      dataDir: join(dir, "real/data"),
      kubeletRootDir: join(dir, "real/kubelet"),
    });
    expect(paths.binDir).toBe(join(dir, "real/data/bin"));
    expect(nodePaths({ dataDir: join(dir, "disk/new") }).kubeletRootDir).toBe(join(dir, "real/new/kubelet"));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
