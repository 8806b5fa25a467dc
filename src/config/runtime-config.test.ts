import { expect, test } from "bun:test";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorMessage } from "../std/errors.ts";
import { configDefaultsFor } from "./cluster-config.ts";
import { nodePaths } from "../product/paths.ts";
import { claimRuntime, isRuntimeClaimed, readRuntimeConfig } from "./runtime-config.ts";

const node = { single: false, dataDir: "/var/lib/k0s", publicAddress: "10.0.0.1" };

test("one process owns a run directory, others read what it published", async () => {
  const dir = await mkdtemp(join(tmpdir(), "k0s-runtime-"));
  const paths = nodePaths({ dataDir: dir, runDir: join(dir, "run") });
  try {
    expect(isRuntimeClaimed(paths)).toBe(false);
    const claim = await claimRuntime(paths);
    expect(await claimRuntime(paths).catch(errorMessage)).toBe("another k0s process is still running");
    expect(await readRuntimeConfig(paths)).toBeUndefined();

    const nodeConfig = configDefaultsFor({ ...node, single: true, dataDir: dir });
    await claim.publish({ nodeConfig, startupConfigPath: "/etc/k0s/k0s.yaml" });
    const read = await readRuntimeConfig(paths);
    expect(read?.nodeConfig).toEqual(nodeConfig);
    expect(read?.invocationId).toBe(claim.invocationId);
    expect(claim.invocationId).toMatch(/^[0-9a-f]{32}$/);
    expect(read?.vars).toMatchObject({
      DataDir: dir,
      DefaultStorageType: "kine",
      StartupConfigPath: "/etc/k0s/k0s.yaml",
    });
    expect((await stat(paths.runtimeConfig)).mode & 0o777).toBe(0o600);
    expect((await stat(paths.runtimeConfigLock)).mode & 0o777).toBe(0o600);

    await claim.release();
    await writeFile(paths.runtimeConfig, "left behind");
    expect(await readRuntimeConfig(paths)).toBeUndefined();
    const next = await claimRuntime(paths);
    await next.publish({ nodeConfig: undefined });
    expect((await readRuntimeConfig(paths))?.nodeConfig).toBeUndefined();
    await next.release();
  } finally {
    await rm(dir, { recursive: true });
  }
});
