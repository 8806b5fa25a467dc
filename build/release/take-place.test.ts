import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { takePlace } from "./take-place.ts";

let dir = "";
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), "k0s-take-place-"))));
afterEach(() => rm(dir, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
}
async function read(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(join(dir, folder), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const texts = paths.map(async (path) => [
    path.slice(join(dir, folder).length + 1),
    await readFile(path, "utf8"),
  ]);
  return Object.fromEntries(await Promise.all(texts));
}
const old = {
  "place/v2/k0s": "old",
  "place/v1/k0s": "1",
  "place/stable/v1/index.yaml": "1",
  "place/latest.txt": "1",
};

test("the folder of the version and the files are replaced, other versions stay", async () => {
  await write({ ...old, "made/v2/other": "new", "made/latest.txt": "2", "made/stable/index.yaml": "2" });
  const what = { folder: "v2", files: ["latest.txt", "stable/index.yaml"] };
  await takePlace(join(dir, "made"), join(dir, "place"), what);
  expect(await read("place")).toEqual({
    "v2/other": "new",
    "v1/k0s": "1",
    "stable/v1/index.yaml": "1",
    "stable/index.yaml": "2",
    "latest.txt": "2",
  });
});

test("the old folder is back if the new one cannot take its place", async () => {
  await write({ ...old, "made/latest.txt": "2" });
  const what = { folder: "v2", files: ["latest.txt"] };
  expect(takePlace(join(dir, "made"), join(dir, "place"), what)).rejects.toThrow("ENOENT");
  expect(await read("place")).toMatchObject({ "v2/k0s": "old", "latest.txt": "1" });
});
