import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configDefaultsFor } from "../../config/cluster-config.ts";
import { claimRuntime } from "../../config/runtime-config.ts";
import { nodePaths } from "../../product/paths.ts";
import { fileConfig, nodeConfig } from "./node-config.ts";
import { testIo } from "./test-io.ts";

test("a running k0s says what it has; what the next start reads is the file, and that is checked", async () => {
  const dir = await mkdtemp(join(tmpdir(), "k0s-node-config-"));
  const paths = nodePaths({ dataDir: dir, runDir: join(dir, "run") });
  const none = join(dir, "none.yaml");
  const read = (from: typeof nodeConfig) =>
    from(paths, none, testIo()).then((config) => config.spec.api.port, String);
  try {
    const claim = await claimRuntime(paths);
    const running = configDefaultsFor({ single: false, dataDir: dir, publicAddress: "192.0.2.1" });
    await claim.publish({ nodeConfig: running });
    expect(await read(nodeConfig)).toBe(6443);
    expect(await read(fileConfig)).toContain(`cannot read the configuration ${none}`);
    await claim.release();
    expect(await read(nodeConfig)).toContain(`cannot read the configuration ${none}`);
  } finally {
    await rm(dir, { recursive: true });
  }
});
