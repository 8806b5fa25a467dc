import { afterEach, beforeEach, expect, test } from "bun:test";
import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createCodeStack } from "./apply-stack.ts";
import { driftAnnotation, generatedOrigin, originAnnotation } from "./stack-labels.ts";
import { anHour, folderWorld, manifest } from "./testdata/folder-world.ts";
import type { FolderWorld } from "./testdata/folder-world.ts";
import { silentLog } from "./testdata/silent-log.ts";

let world: FolderWorld;
beforeEach(async () => {
  world = await folderWorld();
});
afterEach(() => world.end());

test("another leader with the same folders takes nothing back: not from a controller, not where drift is fine", async () => {
  const [drift, free] = ["a", "b"].map((name) => manifest("ConfigMap", name));
  const fine = `${(free ?? "").replace("metadata: {", `metadata: {annotations: {${driftAnnotation}: "false"}, `)}data: {key: mine}\n`;
  const text = [`${drift ?? ""}data: {key: mine}\n`, fine].join("---\n");
  await world.write("p/all.yaml", text);
  const one = await world.controller("one");
  await one.pass("p");
  const change = (name: string, fieldManager: string) =>
    world.api.client.patch(
      { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name },
      "merge",
      { data: { key: "theirs" } },
      { fieldManager },
    );
  await change("a", "cainjector");
  await change("b", "kubectl-edit");
  const elsewhere = join(world.dir, "manifests-two");
  await mkdir(join(elsewhere, "p"), { recursive: true });
  await Bun.write(join(elsewhere, "p", "all.yaml"), text);
  const two = await world.controller("two", elsewhere);
  for (const depth of ["quick", "verify", "verify"] as const) await two.pass("p", depth);
  const now = (name: string) =>
    world.api.object(`ConfigMap default/${name}`) as { data?: object } | undefined;
  expect(now("a")?.data).toEqual({ key: "theirs" });
  expect(now("b")?.data).toEqual({ key: "theirs" });
  // They are its own now all the same, and a new word about the field is what somebody wants.
  await Bun.write(join(elsewhere, "p", "all.yaml"), text.replaceAll("mine", "new"));
  await two.pass("p");
  expect(now("a")?.data).toEqual({ key: "new" });
  expect(now("b")?.data).toEqual({ key: "new" });
  await rm(join(elsewhere, "p", "all.yaml"));
  await anHour(world, two, "p");
  expect(world.api.deleted).toHaveLength(2);
});

test("a clone with the record of another controller deletes nothing that it has not applied itself", async () => {
  await world.write("p/a.yaml", manifest("ConfigMap", "a"));
  await world.write("p/b.yaml", manifest("ConfigMap", "b"));
  await (await world.controller("one")).pass("p");
  // An image of the disk has the same inodes, too.
  await cp(join(world.dir, "deployed-one"), join(world.dir, "deployed-clone"), { recursive: true });
  await rm(world.path("p", "a.yaml"));
  const clone = await world.controller("clone");
  await anHour(world, clone, "p");
  expect(world.api.deleted).toEqual([]);
  // What it has applied is its own.
  await rm(world.path("p", "b.yaml"));
  await anHour(world, clone, "p");
  const deleted = (): string[] => world.api.deleted.map((text) => text.split(" ")[1] ?? "");
  expect(deleted()).toEqual(["default/b"]);
  await anHour(world, await world.controller("one"), "p");
  expect(deleted()).toEqual(["default/b", "default/a"]);
});

test("what an older k0s has applied from code, without a note of that, is forced at once", async () => {
  const { client } = world.api;
  const own = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "own", namespace: "kube-system" },
    data: { key: "ours" },
  };
  const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "kube-system", name: "own" };
  const stack = () => createCodeStack(client, "bootstraprbac", silentLog);
  await stack().apply([own], AbortSignal.timeout(10_000));
  const foreign = { metadata: { annotations: { [originAnnotation]: "none" } }, data: { key: "theirs" } };
  await client.patch(ref, "merge", foreign, { fieldManager: "somebody" });
  await stack().apply([own], AbortSignal.timeout(10_000));
  const now = world.api.object("ConfigMap kube-system/own");
  expect(now).toMatchObject({ data: own.data });
  expect(now?.metadata.annotations?.[originAnnotation]).toBe(generatedOrigin(own));
});
