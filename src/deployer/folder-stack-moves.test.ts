import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { rename, rm, symlink } from "node:fs/promises";
import { KubeError } from "../kube/errors.ts";
import { anHour as hour, folderWorld, grace, manifest, prod } from "./testdata/folder-world.ts";
import type { FakeController, FolderWorld } from "./testdata/folder-world.ts";

let world: FolderWorld;
beforeEach(async () => {
  world = await folderWorld();
});
afterEach(() => world.end());
const anHour = (controller: FakeController, stack: string) => hour(world, controller, stack);

describe("moves", () => {
  test.each(["the new stack first", "the old stack first"])(
    "a renamed folder takes its objects along: %s",
    async (order) => {
      await world.write("q/all.yaml", prod);
      const controller = await world.controller();
      await controller.pass("q");
      const uid = world.api.object("Namespace prod")?.metadata.uid;
      await rename(world.path("q"), world.path("r"));
      for (const stack of order.startsWith("the new") ? ["r", "q", "r"] : ["q", "r", "q"])
        await controller.pass(stack);
      await anHour(controller, "q");
      await anHour(controller, "r");
      expect(world.api.deleted).toEqual([]);
      expect(world.api.object("Namespace prod")?.metadata.uid).toBe(uid);
      expect(world.api.object("Namespace prod")?.metadata.labels).toEqual({ "k0s.k0sproject.io/stack": "r" });
    },
  );

  test("nothing is deleted as long as a stack cannot be read: it may have moved there", async () => {
    await world.write("q/all.yaml", prod);
    const controller = await world.controller();
    await controller.pass("q");
    await rename(world.path("q"), world.path("r"));
    await world.write("r/broken.yaml", "a: b: c\n");
    await controller.pass("r").catch(() => undefined);
    await anHour(controller, "q");
    expect(world.api.deleted).toEqual([]);
    await rm(world.path("r", "broken.yaml"));
    await controller.pass("r");
    await anHour(controller, "q");
    expect(world.api.deleted).toEqual([]);
    expect(world.api.objects().size).toBe(3);
  });

  test.each([
    ["an empty file", () => world.write("r/all.yaml", "")],
    ["a link that leads nowhere", () => symlink("/nowhere", world.path("r", "all.yaml"))],
  ])("nothing is deleted as long as the new folder holds %s", async (_name, happens) => {
    await world.write("q/all.yaml", prod);
    const controller = await world.controller();
    await controller.pass("q");
    await rename(world.path("q"), world.path("r"));
    await rm(world.path("r", "all.yaml"));
    await happens();
    await controller.pass("r");
    await anHour(controller, "q");
    expect(world.api.deleted).toEqual([]);
    expect(world.notices.at(-1)).toContain("it may have moved");
    await rm(world.path("r"), { recursive: true });
    await controller.pass("r");
    await anHour(controller, "q");
    expect(world.api.objects().size).toBe(0);
  });

  test("nothing is deleted as long as the new stack has not got through", async () => {
    await world.write("q/all.yaml", prod);
    const controller = await world.controller();
    await controller.pass("q");
    await rename(world.path("q"), world.path("r"));
    await controller.pass("q");
    world.api.before = async ({ method }) => {
      if (method === "PATCH") throw new KubeError({ status: 403, reason: "Forbidden", message: "a webhook" });
    };
    for (let minute = 0; minute < 3; minute++) {
      world.wait(grace.preciousMs);
      await controller.pass("r").catch(() => undefined);
      await controller.pass("q");
    }
    expect(world.api.deleted).toEqual([]);
    expect(world.notices.at(-1)).toContain("its manifest is in stack r now");
  });

  test("two stacks with one object do not fight: whoever was first has it until it lets go", async () => {
    await world.write("q/a.yaml", manifest("ConfigMap", "a"));
    await world.write("r/a.yaml", manifest("ConfigMap", "a"));
    const controller = await world.controller();
    for (const stack of ["q", "r", "q", "r"]) await controller.pass(stack);
    expect(world.api.requests.filter((line) => line.startsWith("PATCH"))).toHaveLength(1);
    expect(world.notices).toEqual([
      "not applied: ConfigMap default/a: stack q has it, too, and had it first",
    ]);
    await rm(world.path("q"), { recursive: true });
    for (const stack of ["q", "r"]) await controller.pass(stack);
    await anHour(controller, "q");
    expect(world.api.deleted).toEqual([]);
    expect(world.api.object("ConfigMap default/a")?.metadata.labels).toEqual({
      "k0s.k0sproject.io/stack": "r",
    });
  });
});
