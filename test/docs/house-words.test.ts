// Pages for users are written in the house's words: the last table of AGENTS.md says which ones are not among them.

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tableBelow } from "./markdown-table.ts";
import { writtenPages } from "./pages.ts";

const top = join(import.meta.dir, "../..");
const read = (file: string): string => readFileSync(join(top, file), "utf8");

/** Made from the code or from runs, whose words are theirs. */
const made = ["docs/configuration.md", "docs/findings.md", "docs/status.md", "docs/test-results.md"];

function banned(): readonly string[] {
  const [, table = ""] = read("AGENTS.md").split("No page for users has these words");
  return tableBelow(`# words\n${table}`, "words").flatMap(([cell = ""]) => cell.split(", "));
}

test("no page for users has a word that the house does not use", () => {
  const words = new RegExp(String.raw`\b(?:${banned().join("|")})\b`, "i");
  expect(words.test("it is written anew")).toBe(true);
  const pages = ["README.md", "CONTRIBUTING.md", ...writtenPages(top)];
  const found = pages
    .filter((page) => !made.includes(page))
    .flatMap((page) =>
      read(page)
        .split("\n")
        // What a program says is quoted as it is.
        .map((line, at) => [`${page}:${at + 1}`, words.exec(line.replaceAll(/`[^`]*`/g, ""))?.[0]] as const)
        .filter(([, word]) => word !== undefined)
        .map(([where, word]) => `${where}: ${word}`),
    );
  expect(found).toEqual([]);
});
