import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compressionLevel, notedLevel } from "../pack/compress-frame.ts";
import { parsePlatform } from "../platform.ts";
import { noteSource } from "../source-state.ts";
import { refuseOtherSource } from "./platform-release.ts";

test("a file of another commit, of an unknown one, or compressed quickly is refused", async () => {
  const dir = await mkdtemp(join(tmpdir(), "k0s-platform-release-"));
  try {
    const k0s = join(dir, "k0s");
    const inputs = { platform: parsePlatform("linux/arm64"), k0s, source: "commit b" };
    expect(refuseOtherSource(inputs)).rejects.toThrow("was built of an unknown commit");
    await noteSource(k0s, "commit a");
    expect(refuseOtherSource(inputs)).rejects.toThrow("of commit a, and the release is of commit b");
    await noteSource(k0s, `commit b${notedLevel(compressionLevel({}))}`);
    expect(refuseOtherSource(inputs)).rejects.toThrow("of commit b, compressed quickly, and");
    await noteSource(k0s, `commit b${notedLevel(compressionLevel({ K0S_BUILD_BEST: "1" }))}`);
    await refuseOtherSource(inputs);
    // Tests make a release of whatever was built.
    await refuseOtherSource({ ...inputs, source: undefined });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
