import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodePaths } from "../../product/paths.ts";
import { launcherPlaces } from "./fixed-places.ts";

test("of the launcher's directories only what the launcher makes", async () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "k0s-places-")));
  try {
    const sha = "0123456789abcdef".repeat(4);
    for (const name of ["cache/runtime", "cache/airgap", `run/${sha}`, "run/.k0s-tmp-x-1", "run/mine"])
      mkdirSync(join(dir, name), { recursive: true });
    writeFileSync(join(dir, "run/notes"), "mine");
    const places = await launcherPlaces(
      {
        paths: nodePaths({ dataDir: join(dir, "k0s") }),
        record: undefined,
        runDirOwner: { kind: "ours" },
        lockIsNew: true,
      },
      { cache: join(dir, "cache"), runtimes: [join(dir, "run"), join(dir, "none")] },
    );
    const found = new Map(places.map(({ path, known }) => [path, known.toSorted()]));
    expect(found.get(join(dir, "cache"))).toEqual(["bin", "runtime"]);
    expect(found.get(join(dir, "run"))).toEqual([".k0s-tmp-x-1", sha]);
    expect(found.get(join(dir, "none"))).toEqual([]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
