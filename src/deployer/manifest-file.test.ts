import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createManifestReader } from "./manifest-file.ts";
import { manifest } from "./testdata/folder-world.ts";

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-manifest-"));
  path = join(dir, "a.yaml");
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const aMinuteLater = () => Date.now() + 60_000;

test("an unchanged file is parsed once", async () => {
  await writeFile(path, manifest("ConfigMap", "a"));
  const reader = createManifestReader(aMinuteLater);
  const first = await reader.read(path);
  expect((await reader.read(path)).file).toBe(first.file);
  reader.sweep();
  expect((await reader.read(path)).file).toBe(first.file);
  // Not read between two sweeps: forgotten.
  reader.sweep();
  reader.sweep();
  expect((await reader.read(path)).file).not.toBe(first.file);
});

test("whatever changes it, also with its old size and time, is seen", async () => {
  const reader = createManifestReader(aMinuteLater);
  const nameOf = async (): Promise<string | undefined> => {
    const { file } = await reader.read(path);
    return file.state === "objects" ? file.objects[0]?.object.metadata.name : file.state;
  };
  const time = new Date("2026-01-01");
  await writeFile(path, manifest("ConfigMap", "a"));
  await utimes(path, time, time);
  expect(await nameOf()).toBe("a");
  await writeFile(path, manifest("ConfigMap", "b"));
  await utimes(path, time, time);
  expect(await nameOf()).toBe("b");
  await writeFile(join(dir, "c.yaml"), manifest("ConfigMap", "c"));
  await utimes(join(dir, "c.yaml"), time, time);
  await rename(join(dir, "c.yaml"), path);
  expect(await nameOf()).toBe("c");
  await rm(path);
  expect(await nameOf()).toBe("gone");
});

test("a file that changed just now is not taken from memory: a second change may have the same time", async () => {
  await writeFile(path, manifest("ConfigMap", "a"));
  const reader = createManifestReader();
  const first = await reader.read(path);
  expect((await reader.read(path)).file).not.toBe(first.file);
});
