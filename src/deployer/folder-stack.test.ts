import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { mkdir, open, rename, rm, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { anHour as hour, folderWorld, grace, manifest, prod } from "./testdata/folder-world.ts";
import type { FakeController, FolderWorld } from "./testdata/folder-world.ts";

let world: FolderWorld;
beforeEach(async () => {
  world = await folderWorld();
});
afterEach(() => world.end());
const anHour = (controller: FakeController, stack = "p") => hour(world, controller, stack);

describe("what a folder does not say is no wish to delete", () => {
  beforeEach(async () => {
    await world.write("p/all.yaml", prod);
  });
  const cases: [string, () => Promise<unknown>][] = [
    ["an empty file", () => world.write("p/all.yaml", "")],
    ["a file of comments alone", () => world.write("p/all.yaml", "# to come\n---\n")],
    ["a file that cannot be parsed", () => world.write("p/all.yaml", "a: b: c\n")],
    ["a file that is cut within an object", () => world.write("p/all.yaml", prod.slice(0, -30))],
    [
      "a link that leads nowhere, in place of the file",
      async () => {
        await unlink(world.path("p", "all.yaml"));
        await symlink("/nowhere/all.yaml", world.path("p", "all.yaml"));
      },
    ],
    [
      "a folder in place of the file",
      async () => {
        await unlink(world.path("p", "all.yaml"));
        await mkdir(world.path("p", "all.yaml"));
      },
    ],
    [
      "a link that leads nowhere, in place of the folder",
      async () => {
        await rm(world.path("p"), { recursive: true });
        await symlink("/nowhere", world.path("p"));
      },
    ],
    [
      "an empty directory where another one was, as below a mount that went",
      async () => {
        await rename(world.path("p"), join(world.dir, "away"));
        await mkdir(world.path("p"));
      },
    ],
    [
      // Where a file system gives an inode to the next one at once, as ext4 does, that is all that tells them apart.
      "an empty folder that was made again, with the inode of the one that was removed",
      async () => {
        await rm(world.path("p"), { recursive: true });
        await mkdir(world.path("p"));
      },
    ],
    [
      "another directory of all manifests",
      async () => {
        await rename(world.manifests, join(world.dir, "away"));
        await mkdir(world.manifests);
      },
    ],
    [
      "another directory of all manifests, with an empty folder",
      async () => {
        await rename(world.manifests, join(world.dir, "away"));
        await mkdir(world.path("p"), { recursive: true });
      },
    ],
    ["no directory of manifests", () => rm(world.manifests, { recursive: true })],
  ];
  test.each(cases)("%s", async (_name, happens) => {
    const controller = await world.controller();
    await controller.pass("p");
    expect(world.api.objects().size).toBe(3);
    await happens();
    await anHour(controller);
    // The same after a restart.
    await anHour(await world.controller());
    expect(world.api.deleted).toEqual([]);
  });

  test("what is kept for that is not told to be removed", async () => {
    const controller = await world.controller();
    expect((await controller.pass("p")).became).toBe("applied");
    await rename(world.path("p"), join(world.dir, "away"));
    await mkdir(world.path("p"));
    await anHour(controller);
    expect((await controller.pass("p")).became).toBeUndefined();
    // Mounted again, and then really emptied.
    await rm(world.path("p"), { recursive: true });
    await rename(join(world.dir, "away"), world.path("p"));
    expect((await controller.pass("p")).became).toBe("applied");
    await unlink(world.path("p", "all.yaml"));
    await anHour(controller);
    expect((await controller.pass("p")).became).toBe("removed");
  });

  test("each of them is told", async () => {
    const controller = await world.controller();
    await controller.pass("p");
    await world.write("p/all.yaml", "");
    await controller.pass("p");
    await controller.pass("p");
    expect(world.notices).toEqual([
      `not deleted: ConfigMap default/a, ConfigMap default/b, Namespace prod: ${world.path("p", "all.yaml")} is empty; to delete its objects, delete the file`,
    ]);
  });

  test("a file that somebody has still open for writing", async () => {
    const controller = await world.controller();
    await controller.pass("p");
    const writer = await open(world.path("p", "all.yaml"), "w");
    await writer.write(manifest("Namespace", "prod"));
    await anHour(controller);
    expect(world.notices.at(-1)).toBe(`${world.path("p", "all.yaml")} is being written`);
    expect((await controller.pass("p")).againMs).toBe(grace.ordinaryMs);
    await writer.write(`---\n${manifest("ConfigMap", "a")}`);
    await writer.close();
    expect(world.api.deleted).toEqual([]);
    await anHour(controller);
    expect(world.api.deleted.map((line) => line.split(" ")[1])).toEqual(["default/b"]);
  });

  test("a file that has its content again has lost nothing, however often it was half written", async () => {
    const controller = await world.controller();
    await controller.pass("p");
    for (const text of ["", manifest("Namespace", "prod"), prod]) {
      await world.write("p/all.yaml", text);
      await controller.pass("p");
      world.wait(grace.ordinaryMs - 1);
      await controller.pass("p");
    }
    await anHour(controller);
    expect(world.api.deleted).toEqual([]);
  });
});

describe("what was taken away is deleted, later", () => {
  test("a document, then the file: others after the ordinary time, a Namespace after the long one", async () => {
    await world.write("p/all.yaml", prod);
    await world.write("p/more.yaml", manifest("ConfigMap", "c"));
    const controller = await world.controller();
    await controller.pass("p");
    await world.write("p/all.yaml", manifest("ConfigMap", "a"));
    const { againMs } = await controller.pass("p");
    expect(againMs).toBe(grace.ordinaryMs);
    world.wait(grace.ordinaryMs);
    await controller.pass("p");
    expect(world.api.deleted.map((line) => line.split(" ")[1])).toEqual(["default/b"]);
    world.wait(grace.preciousMs - grace.ordinaryMs);
    await controller.pass("p");
    expect(world.api.deleted.map((line) => line.split(" ")[1])).toEqual(["default/b", "prod"]);
    await rm(world.path("p", "more.yaml"));
    await controller.pass("p");
    world.wait(grace.ordinaryMs);
    await controller.pass("p");
    expect([...world.api.objects().keys()]).toEqual(["ConfigMap default/a"]);
  });

  test.each([
    ["the folder", () => rm(world.path("p"), { recursive: true })],
    ["all files in it", () => rm(world.path("p", "all.yaml"))],
    ["the link to a folder elsewhere", () => unlink(world.path("p"))],
  ])("%s: everything after the long time, also when it went while k0s was down", async (what, happens) => {
    await world.write("p/all.yaml", manifest("ConfigMap", "a"));
    if (what.startsWith("the link")) {
      await rename(world.path("p"), join(world.dir, "elsewhere"));
      await symlink(join(world.dir, "elsewhere"), world.path("p"));
    }
    await (await world.controller()).pass("p");
    await happens();
    const controller = await world.controller();
    await controller.pass("p");
    world.wait(grace.ordinaryMs);
    await controller.pass("p");
    expect(world.api.deleted).toEqual([]);
    world.wait(grace.preciousMs);
    await controller.pass("p");
    expect(world.api.objects().size).toBe(0);
    if (what === "the folder") expect((await controller.pass("p")).over).toBe(true);
  });

  test("also of a stack of which one object cannot be applied", async () => {
    await world.write("p/a.yaml", manifest("ConfigMap", "a"));
    await world.write("p/b.yaml", "apiVersion: not.served/v1\nkind: X\nmetadata: {name: x}\n");
    const controller = await world.controller();
    await controller.pass("p").catch(() => undefined);
    await rm(world.path("p"), { recursive: true });
    await anHour(controller);
    expect(world.api.objects().size).toBe(0);
  });

  test("also what was applied right before k0s was stopped", async () => {
    await world.write("p/a.yaml", manifest("ConfigMap", "a"));
    await world.write("p/b.yaml", manifest("Deployment", "b").replace("v1", "apps/v1"));
    world.api.before = async ({ method, path }) => {
      if (method === "PATCH" && path.includes("deployments")) world.stop();
    };
    await (await world.controller()).pass("p").catch(() => undefined);
    expect(world.api.objects().size).toBe(1);
    world.api.before = async () => undefined;
    await rm(world.path("p", "a.yaml"));
    await anHour(await world.controller());
    expect([...world.api.objects().keys()]).toEqual(["Deployment default/b"]);
  });

  test("custom resources take the long time", async () => {
    const gadget = "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: g}\n";
    await world.write("p/all.yaml", `${gadget}---\n${manifest("ConfigMap", "a")}`);
    const controller = await world.controller();
    await controller.pass("p");
    await world.write("p/all.yaml", manifest("ConfigMap", "a"));
    expect((await controller.pass("p")).againMs).toBe(grace.preciousMs);
  });
});

describe("a controller deletes what it has applied itself, from this folder", () => {
  test("not what another one applied, whose folder here is empty or has less", async () => {
    await world.write("p/all.yaml", prod);
    await (await world.controller("one")).pass("p");
    const elsewhere = join(world.dir, "manifests-two");
    await mkdir(join(elsewhere, "p"), { recursive: true });
    const two = await world.controller("two", elsewhere);
    await anHour(two);
    expect(world.api.deleted).toEqual([]);
    expect(world.notices.at(-1)).toContain("this controller has not applied it");
  });

  test("not what it applied once, but another one since", async () => {
    await world.write("p/all.yaml", prod);
    const one = await world.controller("one");
    await one.pass("p");
    const elsewhere = join(world.dir, "manifests-two");
    await mkdir(join(elsewhere, "p"), { recursive: true });
    await Bun.write(join(elsewhere, "p", "all.yaml"), prod);
    await (await world.controller("two", elsewhere)).pass("p");
    await rm(world.path("p", "all.yaml"));
    await anHour(one);
    expect(world.api.deleted).toEqual([]);
    // It cannot know that there was no such change: neither the old name nor the old machine id is kept.
    expect(world.notices.at(-1)).toContain(
      "another controller has applied it last, or this one under another name or machine id, or before an upgrade",
    );
  });

  test("not after its record was lost, or cannot be read", async () => {
    await world.write("p/all.yaml", prod);
    await (await world.controller()).pass("p");
    for (const text of [undefined, "{", '{"objects":{}}']) {
      const record = join(world.dir, "deployed-one", "p.json");
      if (text === undefined) await rm(record);
      else await Bun.write(record, text);
      await rm(world.path("p", "all.yaml"), { force: true });
      await anHour(await world.controller());
    }
    expect(world.api.deleted).toEqual([]);
  });

  test("a record that cannot be read for a moment stops its stack for that moment only", async () => {
    await world.write("p/all.yaml", prod);
    const record = join(world.dir, "deployed-one", "p.json");
    const controller = await world.controller();
    await mkdir(record);
    expect(controller.pass("p")).rejects.toThrow("EISDIR");
    await rm(record, { recursive: true });
    await controller.pass("p");
    expect(world.api.objects().size).toBe(3);
  });

  test("not what carries a copied label: hand-made, restored to another namespace, owned by another object", async () => {
    await world.write("p/all.yaml", manifest("ConfigMap", "a"));
    const controller = await world.controller();
    await controller.pass("p");
    const original = structuredClone(world.api.object("ConfigMap default/a"));
    if (original === undefined) throw new Error("not applied");
    const { uid: _uid, resourceVersion: _version, managedFields, ...copied } = original.metadata;
    const copy = (name: string, metadata: object) =>
      world.api.client.create({ ...original, metadata: { ...copied, name, ...metadata } });
    await copy("by-hand", {});
    await copy("elsewhere", { namespace: "restored", managedFields });
    await copy("owned", { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "u" }] });
    await anHour(controller);
    await rm(world.path("p"), { recursive: true });
    await anHour(controller);
    expect([...world.api.objects().keys()]).toEqual([
      "ConfigMap default/by-hand",
      "ConfigMap restored/elsewhere",
      "ConfigMap default/owned",
    ]);
  });
});

test("a start writes nothing of what is as an earlier one has left it, and puts right what is not", async () => {
  await world.write("p/all.yaml", prod);
  await (await world.controller()).pass("p");
  const writes = (): readonly string[] => world.api.requests.filter((line) => !line.startsWith("GET "));
  const before = writes().length;
  const controller = await world.controller();
  for (const depth of ["quick", "verify", "sweep"] as const) await controller.pass("p", depth);
  expect(writes().slice(before)).toEqual([]);

  const object = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "a" };
  await world.api.client.delete(object);
  await (await world.controller()).pass("p", "verify");
  expect(writes().slice(before)).toEqual([
    expect.stringContaining("DELETE "),
    expect.stringMatching(/^PATCH .*configmaps\/a$/),
  ]);
});

test("what another k0s, or another server, has made of a manifest is applied again, once", async () => {
  await world.write("p/all.yaml", prod);
  await (await world.controller()).pass("p");
  const writes = (): readonly string[] => world.api.requests.filter((line) => !line.startsWith("GET "));
  const before = writes().length;
  const start = async () => await (await world.controller("one", world.path(), "other")).pass("p", "verify");
  await start();
  const again = writes().slice(before);
  expect(again.length).toBeGreaterThan(0);
  await start();
  expect(writes().slice(before)).toEqual(again);
});

test("what is ignored is named", async () => {
  await world.write("p/x.yml", "");
  await world.write("p/x.json", "{}");
  await world.write("p/nested/x.yaml", "");
  await world.write("p/README.md", "");
  await (await world.controller()).pass("p");
  expect(world.notices).toEqual([
    `${world.path("p", "nested")}: folders within a stack are not read`,
    `${world.path("p", "x.json")}: only files named *.yaml are read`,
    `${world.path("p", "x.yml")}: only files named *.yaml are read`,
  ]);
});

test("law: no deletion without two identical readings that are the whole time apart", async () => {
  type State = "full" | "half" | "empty" | "bad" | "gone";
  const texts: Record<Exclude<State, "gone">, string> = {
    full: [manifest("ConfigMap", "a"), manifest("ConfigMap", "b")].join("---\n"),
    half: manifest("ConfigMap", "a"),
    empty: "",
    bad: "a: b: c",
  };
  const step = fc.record({
    state: fc.constantFrom<State>("full", "half", "empty", "bad", "gone"),
    waitMs: fc.constantFrom(0, 1, 14_999, 15_000, 59_999, 60_000),
    looks: fc.integer({ min: 0, max: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      await world.end();
      world = await folderWorld();
      const controller = await world.controller();
      await world.write("p/all.yaml", texts.full);
      await controller.pass("p");
      for (const { state, waitMs, looks } of steps) {
        if (state === "gone") await rm(world.path("p", "all.yaml"), { force: true });
        else await world.write("p/all.yaml", texts[state]);
        // Since this state was first looked at; the write makes it a new one even if it is the same text.
        let seenMs: number | undefined;
        for (let look = 0; look <= looks; look++) {
          const before = world.api.deleted.length;
          await controller.pass("p").catch(() => undefined);
          const deleted = world.api.deleted.length - before;
          const needed = state === "gone" ? grace.preciousMs : grace.ordinaryMs;
          if (deleted > 0) {
            expect(["half", "gone"]).toContain(state);
            if (state === "half") expect(seenMs ?? -1).toBeGreaterThanOrEqual(needed);
          }
          seenMs = (seenMs ?? 0) + waitMs;
          world.wait(waitMs);
        }
      }
    }),
    { numRuns: 60 },
  );
});
