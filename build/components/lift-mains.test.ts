import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readInputs } from "./build-component.ts";
import { componentDir, guestsOf, loadCatalog } from "./read-catalog.ts";
import { liftedImport, liftSource, packageName } from "./lift-mains.ts";

test("a main package becomes one that can be imported, nothing else changes", () => {
  const source = "// package main is here\npackage main\n\nfunc main() {\n\t_ = `\nfunc domain() {}`\n}\n";
  expect(liftSource(source, "host-local")).toBe(
    "// package main is here\npackage hostlocal\n\nfunc Main() {\n\t_ = `\nfunc domain() {}`\n}\n",
  );
  const own = "package main\n\nfunc main() { Main() }\n\nfunc Main() error { return nil }\n";
  expect(liftSource(own, "kube-router")).toBe(own.replace("package main", "package kuberouter"));
  expect(packageName("host-device")).toBe("hostdevice");
});

test("what a component lifts is what its main.go links", async () => {
  for (const component of await loadCatalog()) {
    const lifted = Object.keys(component.lift).sort();
    if (lifted.length === 0) continue;
    const main = await readFile(join(componentDir(component.name), "main.go"), "utf8");
    const imported = [...main.matchAll(/"(\S+\/lifted(?:\/[a-z0-9-]+)?)"/g)].map((match) => match[1] ?? "");
    expect(imported.sort(), component.name).toEqual(
      lifted.map((folder) => liftedImport(component, folder)).sort(),
    );
  }
});

test("a program of another module is the version that go.mod pins", async () => {
  const guests = (await loadCatalog()).flatMap((component) =>
    guestsOf(component).map(([, lift]) => ({ component, lift })),
  );
  expect(guests.map(({ lift }) => lift.module)).toEqual(["helm.sh/helm/v3"]);
  for (const { component, lift } of guests) {
    const pinned = await readFile(join(componentDir(component.name), "go.mod"), "utf8");
    const lines = pinned.split("\n").map((line) => line.replace("// indirect", "").trim());
    expect(lines.filter((line) => line.startsWith(`${lift.module} `))).toEqual([
      `${lift.module} v${lift.version}`,
    ]);
    const stamp = component.stamps[`${lift.module}/internal/version.version`];
    expect(stamp).toBe(`v${lift.version}`);
    const [major, minor] = component.version.split(".");
    for (const [name, value] of Object.entries(component.stamps).filter(([key]) =>
      key.includes(".k8sVersion"),
    ))
      expect(`${name} ${value}`).toBe(`${name} ${name.endsWith("Major") ? major : minor}`);
  }
});

test("what a component takes of the shared packages is what its main.go links", async () => {
  for (const component of await loadCatalog()) {
    const sources = [...(await readInputs(component))].filter(([path]) => path === "main.go");
    const main = sources.map(([, data]) => Buffer.from(data).toString()).join("");
    const imported = [...main.matchAll(/"k0s\/components\/([a-z-]+)\/shared\/([a-z0-9-]+)"/g)];
    expect(imported.map((match) => match[2] ?? "").sort(), component.name).toEqual(component.shared ?? []);
    for (const match of imported) expect(match[1]).toBe(component.name);
  }
});
