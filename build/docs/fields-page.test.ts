import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fieldEffects } from "./fields/effects.ts";
import { effectOf, fieldsOfSchema, fieldsPage } from "./fields-page.ts";

const top = join(import.meta.dir, "../..");
const fields = fieldsOfSchema();

test("docs/fields.md is what the schema and the rows say", async () => {
  const file = Bun.file(join(top, "docs/fields.md"));
  const page = fieldsPage();
  if (process.env["UPDATE_GOLDEN"] !== undefined) await Bun.write(file, page);
  expect(page).toBe(await file.text());
});

test("every field has an effect, and every row is one of a field", () => {
  expect(fields.filter((field) => effectOf(field) === undefined)).toEqual([]);
  expect(fields.filter((field) => effectOf(field)?.open !== undefined)).toEqual([]);
  const used = new Set(fields.map((field) => effectOf(field)?.declared));
  expect(Object.keys(fieldEffects).filter((path) => !used.has(path))).toEqual([]);
});

describe("file and test name the field", () => {
  const cases = Object.entries(fieldEffects).flatMap(([path, { file, test: proof }]) =>
    [file, proof].map((where) => [path, where] as const),
  );
  for (const [path, where] of cases) {
    test(`${path} in ${where}`, () => {
      expect(existsSync(join(top, where))).toBe(true);
      expect(namesField(readFileSync(join(top, where), "utf8"), path)).toBe(true);
    });
  }
});

/** By its last word, or as a key of an image, where the tests go through all of them. */
function namesField(text: string, path: string): boolean {
  const [last = ""] = path.replaceAll("[]", "").split(".").slice(-1);
  if (new RegExp(String.raw`\b${last}\b`).test(text)) return true;
  return path.startsWith("images.") && /\bimageDefaults\b|\bimageKeys\(\)/.test(text);
}
