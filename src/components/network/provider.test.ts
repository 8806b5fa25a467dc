import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import type { SystemStacks } from "../../deployer/stack-deployer.ts";
import { writeSystemStack } from "../../deployer/system-stack-files.ts";
import { fakeApiServer } from "../../deployer/testdata/fake-api-server.ts";
import { silentLog } from "../../deployer/testdata/silent-log.ts";
import { networkProvider } from "./provider.ts";

let manifestsDir: string;
beforeEach(async () => {
  manifestsDir = await mkdtemp(join(tmpdir(), "k0s-net-"));
});
afterEach(() => rm(manifestsDir, { recursive: true, force: true }));

const stacks: SystemStacks = {
  setStack: async (name, files) => void (await writeSystemStack(join(manifestsDir, name), files, undefined)),
  hasStack: async () => false,
  removeStack: async () => undefined,
};
const client = async () => fakeApiServer().client;
const configOf = (provider: string) =>
  clusterConfigSchema({ single: true, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.1" }).parse({
    spec: { network: { provider } },
  });
const init = async (provider: string): Promise<void> =>
  networkProvider({
    manifestsDir,
    stacks,
    client,
    config: configOf(provider),
    proxied: true,
    log: silentLog,
  }).init?.(AbortSignal.timeout(5_000));

test("each provider writes its own folders, custom none", async () => {
  await init("custom");
  expect(await readdir(manifestsDir)).toEqual([]);
  await init("calico");
  expect((await readdir(manifestsDir)).sort()).toEqual(["calico", "calico_init"]);
  const files = await readdir(join(manifestsDir, "calico"));
  expect(files).toContain("calico-DaemonSet-calico-node.yaml");
  await init("calico");
});

test("the provider cannot be changed", async () => {
  await init("kuberouter");
  const refused = await init("calico").catch((err: unknown) => String(err));
  expect(refused).toContain("cannot change CNI provider from kuberouter to calico");
});
