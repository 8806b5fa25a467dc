import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import { nodePaths } from "../../product/paths.ts";
import { silentLogger } from "../../std/logfmt.ts";
import type { ControllerNode } from "../node-facts.ts";
import { kubeApiserver } from "./component.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "k0s-kube-apiserver-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

test("a configuration that comes before the start is what it starts with", async () => {
  const schema = clusterConfigSchema({ single: false, dataDir, publicAddress: "192.0.2.1" });
  const changed = schema.parse({ spec: { api: { extraArgs: { v: "4" } } } });
  const component = kubeApiserver({
    config: schema.parse({}),
    paths: nodePaths({ dataDir }),
    log: silentLogger(),
    self: ["k0s"],
    noProxy: () => [],
    logLevels: {},
    konnectivity: false,
    foreignEndpoints: false,
  } as unknown as ControllerNode);
  expect(await component.preview?.(changed)).toBeDefined();
  await component.reconcile?.(changed, new AbortController().signal);
  // Arguments are put together before it looks at the signal.
  await component.start(AbortSignal.abort()).catch(() => undefined);
  expect(await component.preview?.(changed)).toBeUndefined();
});
