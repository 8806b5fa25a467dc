import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { callNames, componentDir, loadCatalog, loadComponent, parseComponent } from "./read-catalog.ts";

const good = {
  name: "demo",
  version: "1.2.3",
  module: "example.test/demo",
  license: "Apache-2.0",
  targets: ["linux/amd64"],
  executables: [{ output: "demo", package: "." }],
};

test("a component gets its defaults", () => {
  const component = parseComponent("demo", JSON.stringify(good));
  expect(component).toMatchObject({ cgo: false, tags: [], stamps: {}, lift: {} });
  expect(component.executables.map(callNames)).toEqual([["demo"]]);
});

test("a wrong field is named with its file", () => {
  const wrong = { ...good, targets: ["plan9/amd64"], surplus: 1 };
  expect(() => parseComponent("demo", JSON.stringify(wrong))).toThrow(
    /upstream\/demo\/component\.json.*targets\.0/s,
  );
  expect(() => parseComponent("demo", JSON.stringify(wrong))).toThrow(/surplus/);
  expect(() => parseComponent("other", JSON.stringify(good))).toThrow(/its folder is other/);
  expect(() => parseComponent("demo", "{")).toThrow(/not JSON/);
});

test("no two components answer to the same name", async () => {
  const names = (await loadCatalog()).flatMap((component) => component.executables.flatMap(callNames));
  expect(new Set(names).size).toBe(names.length);
});

test("component.json and go.mod name the same version of the upstream module", async () => {
  for (const component of await loadCatalog()) {
    const goMod = await readFile(join(componentDir(component.name), "go.mod"), "utf8");
    const pinned = goMod
      .split(/\s*\n\s*/)
      .find((line) => line.replace(/^require /, "").startsWith(`${component.module} v`));
    expect(pinned, component.name).toBeDefined();
    // A pre-release part that we add names the commit where upstream's tag does not say the version.
    const [release = "", commit] = component.version.split(/-(.*)/s);
    expect(pinned ?? "").toContain(commit ?? `v${release}`);
  }
});

test("an unknown component is answered with the known ones", async () => {
  const refusal: unknown = await loadComponent("kubernetse").catch((err: unknown) => err);
  expect(refusal).toMatchObject({ code: "unknown-component", hint: expect.stringContaining("kubernetes") });
});
