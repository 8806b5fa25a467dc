import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { unpackTar } from "modern-tar";
import { imageRecipes } from "../../images/recipes.ts";
import { defaultImageUri, imageKeys } from "../../src/config/images.ts";
import { layerTar, planTar, type TreeEntry } from "./layer-tar.ts";

const file = (path: string, links: readonly string[] = []): TreeEntry => ({
  kind: "file",
  path,
  source: { text: path },
  mode: 0o755,
  links,
});

const tar = (entries: readonly TreeEntry[]) => new Response(layerTar(entries)).bytes();

test("the order of entries does not matter to the bytes", async () => {
  const paths = fc.uniqueArray(fc.stringMatching(/^\/[a-z]{1,3}\/[a-z]{1,12}$/), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(paths, async (names) => {
      const entries = names.map((name) => file(name));
      expect(await tar(entries.toReversed())).toEqual(await tar(entries));
    }),
    { numRuns: 20 },
  );
});

test("parents come first, equal files are hard links to the first name", async () => {
  const entries = await unpackTar(await tar([file("/usr/bin/b", ["/bin/a", "/usr/bin/c"])]));
  expect(entries.map(({ header }) => [header.name, header.type, header.linkname])).toEqual([
    ["bin/", "directory", ""],
    ["bin/a", "file", ""],
    ["usr/", "directory", ""],
    ["usr/bin/", "directory", ""],
    ["usr/bin/b", "link", "bin/a"],
    ["usr/bin/c", "link", "bin/a"],
  ]);
  expect(entries.every(({ header }) => header.mtime?.getTime() === 0 && header.uid === 0)).toBe(true);
});

test("two files of one name are a mistake in the recipe", () => {
  expect(() => planTar([file("/a/b"), file("/a/b")])).toThrow("two entries of one layer are called /a/b");
});

test("there is a recipe for every image that the configuration names by default", () => {
  const wanted = imageKeys()
    .map((key) => defaultImageUri(key))
    .toSorted();
  expect(imageRecipes.map((recipe) => recipe.ref).toSorted()).toEqual(wanted);
});
