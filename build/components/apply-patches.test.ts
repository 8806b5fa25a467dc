import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { applyPatches } from "./apply-patches.ts";
import { readInputs, writeInputs } from "./build-component.ts";
import { type Component, loadComponent } from "./read-catalog.ts";

let work: string;

beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), "patches-"));
});
afterEach(() => rm(work, { recursive: true, force: true }));

async function prepared(): Promise<Component> {
  const kine = await loadComponent("kine");
  await writeInputs(work, await readInputs(kine));
  return kine;
}

const diff = (before: string): string => `Why.

--- a/pkg/version/version.go
+++ b/pkg/version/version.go
@@ -1,3 +1,4 @@
 ${before}
+// Mended.
 
 var (
`;

test("the build takes a changed copy", async () => {
  const kine = await prepared();
  await writeFile(join(work, "fits.patch"), diff("package version"));
  await applyPatches(kine, work, ["fits.patch"]);
  expect(await readFile(join(work, "patched/pkg/version/version.go"), "utf8")).toContain("// Mended.");
  expect(await readFile(join(work, "go.mod"), "utf8")).toContain(
    "replace github.com/k3s-io/kine => ./patched",
  );
});

test("a patch that does not fit is an error", async () => {
  const kine = await prepared();
  await writeFile(join(work, "stale.patch"), diff("package something"));
  expect(applyPatches(kine, work, ["stale.patch"])).rejects.toThrow(/applying stale.patch/);
});
