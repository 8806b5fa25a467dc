// k0s ends between a write and the note of it: what it has created is known again, and nothing else is taken for it.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { KubeConnectionError } from "../kube/errors.ts";
import type { KubeObject } from "../kube/types.ts";
import { anHour, folderWorld, manifest } from "./testdata/folder-world.ts";
import type { FolderWorld } from "./testdata/folder-world.ts";

let world: FolderWorld;
beforeEach(async () => {
  world = await folderWorld();
  await world.write("p/kept.yaml", manifest("ConfigMap", "kept"));
  await (await world.controller()).pass("p");
});
afterEach(() => world.end());

const record = () => join(world.dir, "deployed-one");
const deleted = (): string[] => world.api.deleted.map((line) => line.split(" ")[1] ?? "");
const put = async (object: KubeObject, fieldManager = "somebody"): Promise<void> => {
  await world.api.client.create(object, { fieldManager });
};
const created = (name: string): KubeObject => {
  const object = world.api.object(`ConfigMap default/${name}`);
  if (object === undefined) throw new Error(`${name} is not there`);
  return structuredClone(object);
};
const without = ({ metadata, ...object }: KubeObject, name = metadata.name ?? ""): KubeObject => ({
  ...object,
  apiVersion: object.apiVersion,
  kind: object.kind,
  metadata: { ...metadata, name, uid: "", resourceVersion: undefined as never },
});

/** A pass that ends when the server has answered, or before it got the request, and before anything more is noted. */
async function endsWhileApplying(file: string, reached = true): Promise<void> {
  const away = join(world.dir, "as-it-was");
  world.api.before = async ({ method = "GET" }) => {
    if (method === "GET") return;
    await rm(away, { recursive: true, force: true });
    await cp(record(), away, { recursive: true });
    if (!reached) throw new Error("killed");
  };
  await (await world.controller()).pass("p").catch(() => undefined);
  world.api.before = async () => undefined;
  await rm(record(), { recursive: true });
  await cp(away, record(), { recursive: true });
  await rm(world.path("p", file));
}

describe("what was created", () => {
  beforeEach(async () => {
    await world.write("p/new.yaml", manifest("ConfigMap", "new"));
  });

  test("goes with its manifest, in its time, when k0s is there again", async () => {
    await endsWhileApplying("new.yaml");
    const next = await world.controller();
    await next.pass("p");
    expect(deleted()).toEqual([]);
    await anHour(world, next, "p");
    expect(deleted()).toEqual(["default/new"]);
  });

  test("also when the request took effect only after k0s had looked again, and after one more start", async () => {
    await endsWhileApplying("new.yaml");
    const late = created("new");
    const { managedFields } = late.metadata;
    await world.api.client.delete({ apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "new" });
    world.api.deleted.length = 0;
    await (await world.controller()).pass("p");
    const { client } = world.api;
    await client.apply(without({ ...late, metadata: { ...late.metadata, managedFields: [] } }), {
      fieldManager: "k0s",
    });
    expect(managedFields).toHaveLength(1);
    await anHour(world, await world.controller(), "p");
    expect(deleted()).toEqual(["default/new"]);
  });

  test("also when it was tried by one k0s and by the next", async () => {
    await endsWhileApplying("new.yaml");
    const first = created("new");
    await world.write("p/new.yaml", manifest("ConfigMap", "new"));
    await world.api.client.delete({ apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "new" });
    await endsWhileApplying("new.yaml", false);
    world.api.deleted.length = 0;
    await world.api.client.apply(without({ ...first, metadata: { ...first.metadata, managedFields: [] } }), {
      fieldManager: "k0s",
    });
    await anHour(world, await world.controller(), "p");
    expect(deleted()).toEqual(["default/new"]);
  });

  test("is noted and kept as long as its manifest is there", async () => {
    await endsWhileApplying("new.yaml");
    await world.write("p/new.yaml", manifest("ConfigMap", "new"));
    const next = await world.controller();
    await anHour(world, next, "p");
    expect(deleted()).toEqual([]);
    expect(await Bun.file(join(record(), "p.json")).text()).not.toContain("intents");
    await rm(world.path("p", "new.yaml"));
    await anHour(world, next, "p");
    expect(deleted()).toEqual(["default/new"]);
  });
});

describe("what somebody else has made stays", () => {
  beforeEach(async () => {
    await world.write("p/new.yaml", manifest("ConfigMap", "new"));
  });

  test("under the name that k0s was about to take", async () => {
    await endsWhileApplying("new.yaml", false);
    await put({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "new", namespace: "default" } });
    await anHour(world, await world.controller(), "p");
    expect(deleted()).toEqual([]);
  });

  test("with the label and the origin of an older object of this name, as from a backup", async () => {
    const kept = created("kept");
    await endsWhileApplying("new.yaml", false);
    await put(without(kept, "new"), "k0s");
    await anHour(world, await world.controller(), "p");
    expect(deleted()).toEqual([]);
  });

  test("as a copy of what k0s has just created, by a person, in its place and beside it", async () => {
    await endsWhileApplying("new.yaml");
    const copy = created("new");
    await world.api.client.delete({ apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "new" });
    world.api.deleted.length = 0;
    await put(without(copy));
    await put(without(copy, "beside"), "k0s");
    await anHour(world, await world.controller(), "p");
    expect(deleted()).toEqual([]);
  });
});

test("what was there before it had a manifest goes with it as if the write had been noted", async () => {
  await put({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "old", namespace: "default", labels: { "k0s.k0sproject.io/stack": "p" } },
  });
  await world.write("p/old.yaml", manifest("ConfigMap", "old"));
  await endsWhileApplying("old.yaml");
  await anHour(world, await world.controller(), "p");
  expect(deleted()).toEqual(["default/old"]);
});

test("a disk on which nothing can be noted stops nothing, and is told", async () => {
  const controller = await world.controller();
  await controller.pass("p");
  await world.write("p/new.yaml", manifest("ConfigMap", "new"));
  await rm(record(), { recursive: true });
  await mkdir(join(record(), "p.json"), { recursive: true });
  const failure = await controller.pass("p").catch((err: unknown) => err);
  expect(String(failure)).toMatch(/EISDIR|directory/);
  expect(world.api.object("ConfigMap default/new")).toBeDefined();
  expect(world.notices.filter((text) => text.startsWith("not noted"))).toHaveLength(1);
});

test("a server that is away says nothing of the stack, a file that cannot be read does", async () => {
  const controller = await world.controller();
  await controller.pass("p");
  const outcomes = (): string[] => world.reports.splice(0).map(({ outcome }) => outcome);
  expect(outcomes().at(-1)).toBe("done");
  world.api.before = () =>
    Promise.reject(new KubeConnectionError("GET /api", new Error("connection refused")));
  const failure = await controller.pass("p").catch((err: unknown) => err);
  expect(failure).toBeInstanceOf(KubeConnectionError);
  expect(outcomes()).toEqual([]);
  world.api.before = async () => undefined;
  await world.write("p/kept.yaml", "a: b: c");
  await controller.pass("p").catch(() => undefined);
  expect(outcomes()).toEqual(["failed"]);
});
