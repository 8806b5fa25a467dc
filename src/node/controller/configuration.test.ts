// What is asked of a controller whose cluster keeps its part of the configuration, on an object in memory.

import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LiveConfig } from "../../components/cluster-config/live-config.ts";
import type { ClusterConfigObject } from "../../components/cluster-config/object.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { loadClusterConfig } from "../../config/load.ts";
import type { KubeClient } from "../../kube/client.ts";
import { nodePaths } from "../../product/paths.ts";
import { configurationServer } from "../../status/configuration.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import { type ConfigPlan, planChange } from "../../supervisor/config-plan.ts";
import { dynamicConfiguration, loadOptions } from "./configuration.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-configuration-"));
  await writeFile(join(dir, "k0s.yaml"), "spec: {}");
});
afterEach(() => rm(dir, { recursive: true }));

const followed: ConfigPlan = {
  changes: [{ field: "spec.scheduler.extraArgs.v", after: "3" }],
  refused: [],
  steps: [],
};

interface World {
  readonly configuration: ReturnType<typeof dynamicConfiguration>;
  readonly applied: ClusterConfig[];
  /** Spec of the object, and whether it was asked to be tried again. */
  readonly written: unknown[];
}

async function world(trouble?: UserError): Promise<World> {
  const options = {
    configFile: join(dir, "k0s.yaml"),
    single: false,
    paths: nodePaths({ dataDir: dir }),
    featureGates: {},
  };
  const { config } = await loadClusterConfig(loadOptions(options, true));
  const [applied, written]: [ClusterConfig[], unknown[]] = [[], []];
  const nobody = { controller: [], worker: [] };
  const plan = async (next: ClusterConfig): Promise<ConfigPlan> => planChange(nobody, config, next);
  const live = {
    current: () => config,
    plan,
    apply: (next: ClusterConfig) => {
      applied.push(next);
      return plan(next);
    },
  } as unknown as LiveConfig;
  let object: ClusterConfigObject = {
    apiVersion: "k0s.k0sproject.io/v1beta1",
    kind: "ClusterConfig",
    metadata: { name: "k0s", namespace: "kube-system", uid: "u", generation: 1 },
    spec: {},
  };
  const client = {
    get: async () => object,
    update: async (next: ClusterConfigObject) => {
      const { generation = 0 } = object.metadata as { generation?: number };
      const changed = JSON.stringify(next.spec) !== JSON.stringify(object.spec);
      object = { ...next, metadata: { ...next.metadata, generation: generation + (changed ? 1 : 0) } };
      return object;
    },
  } as unknown as KubeClient;
  const configuration = dynamicConfiguration({
    options,
    live,
    signal: new AbortController().signal,
    client: async () => client,
    object: {
      adopted: async ({ spec }, again) => {
        written.push([spec, again]);
        return followed;
      },
      trouble: () => trouble,
    },
  });
  return { configuration, applied, written };
}

const scheduler = { scheduler: { extraArgs: { v: "3" } } };
const given = (spec: object): { readonly text: string } => ({ text: JSON.stringify({ spec }) });

test("a file goes into the object, and who follows that tries it: nobody else does, and its answer is given", async () => {
  const { configuration, applied, written } = await world();
  expect(await configuration.apply(given(scheduler))).toBe(followed);
  // The object has it already: it was taken back, or is adopted.
  expect(await configuration.apply(given(scheduler))).toBe(followed);
  expect(written).toEqual([
    [scheduler, false],
    [scheduler, true],
  ]);
  expect(applied).toEqual([]);
});

test("what a file must not say is refused by plan as it is by apply, with its path and what differs", async () => {
  const { configuration, written } = await world();
  const asked = given({ hardening: "cis", ...scheduler });
  expect(await configuration.plan(asked)).toMatchObject({
    changes: [
      { field: "spec.hardening", after: "cis" },
      { field: "spec.scheduler.extraArgs.v", after: "3" },
    ],
    refused: [{ field: "spec.hardening", reason: expect.stringContaining("each controller's own") }],
    steps: [],
  });
  const why = await configuration.apply(asked).then(() => "adopted", errorMessage);
  expect(why).toStartWith("spec.hardening cannot change: each controller's own");
  expect(written).toEqual([]);
  const mistaken = given({ workerProfiles: [{ name: "default", values: { maxPodz: 5 } }] });
  expect(await configuration.plan(mistaken).then(() => "planned", errorMessage)).toContain("maxPodz");
});

test("why the object is not adopted goes with each answer, but to a file that is to take its place", async () => {
  const trouble = new UserError("spec.workerProfiles[0].values.maxPodz: unknown", { code: "invalid-config" });
  const told = { message: trouble.message, code: "invalid-config" };
  const ask = configurationServer((await world(trouble)).configuration);
  expect(await ask("object")).toEqual({ object: told });
  expect(await ask({ action: "plan" })).toEqual({
    plan: { changes: [], refused: [], steps: [] },
    object: told,
  });
  const { job = 0 } = await ask({ action: "apply" });
  expect(await ask({ action: "await", job })).toMatchObject({ object: told });
  expect(await ask({ action: "plan", ...given(scheduler) })).not.toHaveProperty("object");
  expect(await configurationServer((await world()).configuration)("object")).toEqual({});
});
