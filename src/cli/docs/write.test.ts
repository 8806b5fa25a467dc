import { expect, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { allCommands, markdown } from "./write.ts";

test("docs/cli has a page for each command, as `bun src/main.ts docs markdown` writes it", async () => {
  const dir = join(import.meta.dir, "../../../docs/cli");
  const expected = new Map(
    allCommands().map(({ command, path }) => [`${path.replaceAll(" ", "_")}.md`, markdown(command, path)]),
  );
  expect((await readdir(dir)).sort()).toEqual([...expected.keys()].sort());
  for (const [name, text] of expected) expect(await readFile(join(dir, name), "utf8"), name).toBe(text);
});
