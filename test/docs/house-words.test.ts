// Pages for users, and comments, are written in the house's words: the last table of AGENTS.md says which ones are not
// among them.

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
  const [, table = ""] = read("AGENTS.md").split("has these words (`test/docs");
  return tableBelow(`# words\n${table}`, "words").flatMap(([cell = ""]) => cell.split(", "));
}

/** Where the words stand that the house does not use, line by line; `textOf` is what of a line counts. */
function foundIn(files: readonly string[], textOf: (line: string) => string): readonly string[] {
  const words = new RegExp(String.raw`\b(?:${banned().join("|")})\b`, "i");
  expect(words.test("it is written anew")).toBe(true);
  return files.flatMap((file) =>
    read(file)
      .split("\n")
      .map((line, at) => [`${file}:${at + 1}`, words.exec(textOf(line))?.[0]] as const)
      .filter(([, word]) => word !== undefined)
      .map(([where, word]) => `${where}: ${word}`),
  );
}

test("no page for users has a word that the house does not use", () => {
  const pages = ["README.md", "CONTRIBUTING.md", ...writtenPages(top)];
  // What a program says is quoted as it is.
  const found = foundIn(
    pages.filter((page) => !made.includes(page)),
    (line) => line.replaceAll(/`[^`]*`/g, ""),
  );
  expect(found).toEqual([]);
});

test("no comment of a TypeScript file has such a word", () => {
  // Generated ones, and the examples of tests of the words, are left out.
  const sources = [...new Bun.Glob("{src,test,build,bench,images}/**/*.ts").scanSync(top)].filter(
    (path) => !/^src\/proto\/|node_modules|^test\/docs\/house-words|apply-patches\.test/.test(path),
  );
  const comment = (line: string): string => /(?:^|\s)(?:\/\/|\/?\*\*?) (.*)$/.exec(line)?.[1] ?? "";
  expect(comment("  /** It is written anew. */")).toContain("anew");
  expect(foundIn(sources, comment)).toEqual([]);
});
