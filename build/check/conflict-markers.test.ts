import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { conflictMarkers } from "./conflict-markers.ts";

const directory = await mkdtemp(join(tmpdir(), "conflict-markers-"));

afterAll(() => rm(directory, { recursive: true }));

test("the end of a merge that was forgotten is found, a heading under a line is not", async () => {
  await writeFile(join(directory, ".gitignore"), "dist\n");
  await mkdir(join(directory, "dist"));
  await writeFile(join(directory, "dist", "page.md"), `${"<".repeat(7)} HEAD\n`);
  await writeFile(join(directory, "page.md"), "Title\n=======\n");
  expect(conflictMarkers(directory)).toBeUndefined();
  const marker = "<".repeat(7);
  await writeFile(join(directory, "other.md"), `words\n${marker} HEAD\nmore\n`);
  expect(conflictMarkers(directory)).toBe(`other.md:2:${marker} HEAD`);
});
