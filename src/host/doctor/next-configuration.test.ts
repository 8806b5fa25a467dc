import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastingFactsOf, writeClusterFacts } from "../../components/controller-join/cluster-facts.ts";
import { configDefaultsFor } from "../../config/cluster-config.ts";
import { nodePaths } from "../../product/paths.ts";
import { nextConfiguration } from "./next-configuration.ts";

let dataDir = "";
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "k0s-next-configuration-"));
  writeFileSync(join(dataDir, "k0s.yaml"), "spec:\n  api:\n    address: 10.0.0.1\n");
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const next = (...flags: readonly string[]) =>
  nextConfiguration({ ...nodePaths({ root: true }), dataDir }, [`--config=${dataDir}/k0s.yaml`, ...flags]);
const ran = (single: boolean): Promise<void> =>
  writeClusterFacts(
    dataDir,
    lastingFactsOf(configDefaultsFor({ single, dataDir, publicAddress: "10.0.0.1" })),
  );

test("a host without a cluster takes any", async () => {
  expect((await next("--single=true")).configTrouble).toBeUndefined();
});

test("a cluster goes on with the flags that it had", async () => {
  await ran(false);
  expect((await next()).config?.spec.storage.type).toBe("etcd");
  await ran(true);
  expect((await next("--single=true")).config?.spec.storage.type).toBe("kine");
});

test("a service with another datastore is refused, before that one's files are missed", async () => {
  await ran(false);
  const { config, configTrouble } = await next("--single=true");
  expect(config).toBeUndefined();
  expect(configTrouble?.what).toBe(
    "the configuration is that of another cluster: spec.storage was etcd, now it is kine sqlite",
  );
  expect(configTrouble?.remedy).toStartWith("Put the former values back.");
});

test("a service that has lost --single is, too", async () => {
  await ran(true);
  expect((await next()).configTrouble?.remedy).toContain("give --single again");
});
