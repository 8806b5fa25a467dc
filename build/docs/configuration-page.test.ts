import { expect, test } from "bun:test";
import { join } from "node:path";
import { configurationPage } from "./configuration-page.ts";

test("docs/configuration.md is what the schema says", async () => {
  const file = Bun.file(join(import.meta.dir, "../../docs/configuration.md"));
  const page = configurationPage();
  if (process.env["UPDATE_GOLDEN"] !== undefined) await Bun.write(file, page);
  expect(page).toBe(await file.text());
});

test("every field says what it is for", () => {
  const silent = configurationPage()
    .split("\n")
    .filter((line) => /^\| `.*\| +\|$/.test(line));
  expect(silent).toEqual([]);
});
