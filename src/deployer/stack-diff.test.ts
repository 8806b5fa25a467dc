import { afterEach, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import { describeRef } from "../kube/types.ts";
import { createBudget } from "../std/budget.ts";
import { KubeError } from "../kube/errors.ts";
import { readRecord } from "./inventory.ts";
import { diffStack } from "./stack-diff.ts";
import type { StackStatus } from "./stack-status.ts";
import { folderWorld, grace, manifest } from "./testdata/folder-world.ts";
import type { FolderWorld } from "./testdata/folder-world.ts";

let world: FolderWorld;
beforeEach(async () => {
  world = await folderWorld();
});
afterEach(() => world.end());

const diff = async (status?: StackStatus): Promise<string[]> => {
  const diffs = await diffStack({
    client: world.api.client,
    manifestsDir: world.manifests,
    stack: "p",
    system: false,
    record: await readRecord(join(world.dir, "deployed-one"), "p"),
    status,
    grace,
    budget: createBudget(4),
    signal: AbortSignal.timeout(30_000),
  });
  return diffs.map(({ action, ref, place, why, changes = [], left = [] }) =>
    [
      `${action} ${describeRef(ref)} ${place ?? ""}`.trim(),
      ...(why === undefined ? [] : [why]),
      ...changes.map(
        ({ field, before, after }) => `${field} ${JSON.stringify(before)} ${JSON.stringify(after)}`,
      ),
      ...left.map(({ field, by }) => `${field} of ${by}`),
    ].join("; "),
  );
};
const map = (name: string, key: string): string => `${manifest("ConfigMap", name)}data: {key: ${key}}\n`;

test("what would be created, changed, deleted, kept, and what is as it should be; nothing is changed by it", async () => {
  await world.write(
    "p/a.yaml",
    [map("same", "1"), map("changed", "1"), map("edited", "1"), map("gone", "1")].join("---\n"),
  );
  await (await world.controller()).pass("p");
  await world.api.client.patch(
    { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "edited" },
    "merge",
    { data: { key: "theirs" } },
    { fieldManager: "kubectl-edit" },
  );
  await world.api.client.create({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "copy", namespace: "default", labels: { "k0s.k0sproject.io/stack": "p" } },
  });
  await world.write(
    "p/a.yaml",
    [map("same", "1"), map("changed", "2"), map("edited", "1"), map("new", "1")].join("---\n"),
  );
  const before = JSON.stringify([...world.api.objects()]);
  expect(await diff()).toEqual([
    "same ConfigMap default/same a.yaml:1",
    "change ConfigMap default/changed a.yaml:6; .data.key 1 2",
    'change ConfigMap default/edited a.yaml:11; .data.key "theirs" 1',
    "create ConfigMap default/new a.yaml:16",
    "delete ConfigMap default/gone; its manifest is gone, it is deleted if that stays so for 15s",
    "keep ConfigMap default/copy; it carries the label of the stack, but this controller has not applied it",
  ]);
  expect(JSON.stringify([...world.api.objects()])).toBe(before);
  expect(world.api.deleted).toEqual([]);
});

test("what the leader keeps is kept, whatever this host has noted", async () => {
  await world.write("p/a.yaml", map("a", "1"));
  await world.write("p/b.yaml", map("b", "1"));
  await (await world.controller()).pass("p");
  await world.write("p/b.yaml", map("c", "1"));
  const kept = [{ objects: ["ConfigMap default/b"], why: "another controller has applied it last" }];
  expect((await diff({ kept } as unknown as StackStatus)).at(-1)).toBe(
    "keep ConfigMap default/b; another controller has applied it last",
  );
});

test("what the server refuses, and what needs something else first", async () => {
  const definition =
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: tabs.example.org}\n";
  const spec =
    "spec: {group: example.org, scope: Namespaced, names: {kind: Tab, plural: tabs}, versions: [{name: v1, served: true}]}\n";
  const tab = "apiVersion: example.org/v1\nkind: Tab\nmetadata: {name: t, namespace: default}\n";
  await world.write("p/a.yaml", [map("bad", "1"), tab].join("---\n"));
  world.api.before = async ({ path, method }) => {
    if (method === "PATCH" && path.includes("/bad"))
      throw new KubeError({ status: 403, reason: "Forbidden", message: "denied by policy" });
  };
  expect(await diff()).toEqual([
    "refused ConfigMap default/bad a.yaml:1; denied by policy",
    expect.stringMatching(/^refused Tab default\/t a.yaml:6; the API server knows no kind Tab/),
  ]);
  await world.write("p/b.yaml", definition + spec);
  expect((await diff()).slice(0, 3)).toEqual([
    "create CustomResourceDefinition tabs.example.org b.yaml:1",
    "refused ConfigMap default/bad a.yaml:1; denied by policy",
    "later Tab default/t a.yaml:6; it is created after what it needs, which is in the same stack",
  ]);
});

test("what its user wants changed by others stays so, until its manifest changes", async () => {
  const free = (key: string): string =>
    map("a", key).replace(
      "metadata: {",
      'metadata: {annotations: {k0s.k0sproject.io/correct-drift: "false"}, ',
    );
  await world.write("p/a.yaml", free("1"));
  await (await world.controller()).pass("p");
  await world.api.client.patch(
    { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "a" },
    "merge",
    { data: { key: "theirs" } },
    { fieldManager: "kubectl-edit" },
  );
  expect(await diff()).toEqual(["same ConfigMap default/a a.yaml:1"]);
  await world.write("p/a.yaml", free("2"));
  expect(await diff()).toEqual(['change ConfigMap default/a a.yaml:1; .data.key "theirs" 2']);
});

test("a field that would be left to who set it", async () => {
  await world.write("p/a.yaml", map("a", "1"));
  await (await world.controller()).pass("p");
  await world.api.client.patch(
    { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "a" },
    "merge",
    { data: { key: "theirs" } },
    { fieldManager: "controller" },
  );
  expect(await diff()).toEqual(["same ConfigMap default/a a.yaml:1; .data.key of controller"]);
});
