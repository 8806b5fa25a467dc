// The table of the Bun that runs the tests, and what a Bun without the other languages still does.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isNeeded, removeLanguages } from "./icu-data.ts";

let dir = "";
let bun = "";
let removed = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-languages-"));
  bun = join(dir, "bun");
  const executable = await readFile(process.execPath);
  removed = removeLanguages(executable);
  await writeFile(bun, executable, { mode: 0o755 });
});

afterAll(() => rm(dir, { recursive: true, force: true }));

async function says(program: string, expression: string): Promise<unknown> {
  const child = Bun.spawn([program, "-e", `console.log(JSON.stringify(${expression}))`], {
    env: { TZ: "Europe/Berlin" },
    stdout: "pipe",
  });
  const text = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  return JSON.parse(text);
}

test("most of the data goes", () => {
  expect(removed).toBeGreaterThan(8_000_000);
});

test.each([
  ["order", '["é", "z", "a", "ä", "Z", "B"].sort((a, b) => a.localeCompare(b))'],
  ["zones of time", "new Date(1700000000000).toString()"],
  ["dates", 'new Date(0).toLocaleString("en-GB", { timeZone: "Asia/Tokyo", dateStyle: "full" })'],
  ["numbers", "(1234567.891).toLocaleString()"],
  ["normal forms", '["Å".normalize("NFD").length, "ﬁ".normalize("NFKC")]'],
  ["cases", '["İI".toLowerCase(), "ß".toUpperCase()]'],
  ["classes of characters", "/^\\p{Lu}\\p{Script=Greek}$/u.test('Aα')"],
  [
    "encodings",
    'new TextDecoder("utf-16be").decode(new Uint8Array([0, 65])) + new TextDecoder("latin1").decode(new Uint8Array([228]))',
  ],
  ["names of hosts", 'new URL("http://bücher.example/").host'],
  ["parts of a text", '[...new Intl.Segmenter("en", { granularity: "word" }).segment("hello wörld")].length'],
])("English stays: %s", async (_, expression) => {
  expect(await says(bun, expression)).toEqual(await says(process.execPath, expression));
});

test("another language has the rules of the root", async () => {
  const number = "(1234.5).toLocaleString('de')";
  expect(await says(process.execPath, number)).toBe("1.234,5");
  expect(await says(bun, number)).toBe("1234.5");
});

test("what all languages share is needed", () => {
  const needed = [
    "root.res",
    "curr/pool.res",
    "lang/res_index.res",
    "zoneinfo64.res",
    "en_GB.res",
    "coll/ucadata.icu",
  ];
  expect(needed.filter((name) => !isNeeded(`icudt78l/${name}`))).toEqual([]);
  const others = ["de.res", "coll/zh_Hans.res", "unit/de__PHONEBOOK.res", "brkitr/thaidict.dict", "fil.res"];
  expect(others.filter((name) => isNeeded(`icudt78l/${name}`))).toEqual([]);
});

test("an executable of another kind is refused", () => {
  expect(() => removeLanguages(Buffer.from("no such data here"))).toThrow("not exactly one");
});
