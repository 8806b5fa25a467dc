// The pages of docs/adr have one form and are all in its list; no number is missing without a word.

import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tableBelow } from "./markdown-table.ts";

const folder = join(import.meta.dir, "../../docs/adr");
const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const pages = readdirSync(folder)
  .filter((name) => /^\d{4}-/.test(name))
  .toSorted();
const numberOf = (name: string): number => Number(name.slice(0, 4));

test("every page is in the list, with its own title", () => {
  const titles = pages.map((name) => {
    const [, number, title] = /^# (\d+)\. (.+)\n/.exec(read(name)) ?? [];
    expect(Number(number)).toBe(numberOf(name));
    return [`[${name.slice(0, 4)}](${name})`, title ?? ""];
  });
  expect(tableBelow(read("README.md"), "Decisions").map((row) => [...row])).toEqual(titles);
});

test("a number that is not used is named", () => {
  const [, sentence = ""] = /plus one\. ([\d, to and]+) were never used/.exec(read("README.md")) ?? [];
  const named = [...sentence.matchAll(/(\d+)(?: to (\d+))?/g)].flatMap(([, from, to = from]) =>
    Array.from({ length: Number(to) - Number(from) + 1 }, (_, at) => Number(from) + at),
  );
  const used = pages.map(numberOf);
  const missing = Array.from({ length: Math.max(...used) }, (_, at) => at + 1).filter(
    (n) => !used.includes(n),
  );
  expect(named).toEqual(missing);
});

describe("one form", () => {
  test.each(pages)("%s", (name) => {
    const parts = [...read(name).matchAll(/^\*\*([A-Z][\w ]*)[.:*]/gm)].map(([, part = ""]) => part);
    expect(parts[0]).toBe("Problem");
    expect(parts).toContain("Decision");
    const order = ["Problem", "Decision", "Rejected", "Consequences"];
    const known = parts.filter((part, at) => order.includes(part) && parts.indexOf(part) === at);
    expect(known).toEqual(order.filter((part) => known.includes(part)));
    // The same words everywhere, so that they can be searched for.
    expect(read(name)).not.toMatch(/^(?:\*\*Consequence\.|Rejected:|Consequences:|Decided:)/m);
  });

  test.each(pages)("%s points to nothing outside of the repository", (name) => {
    expect(read(name)).not.toMatch(/[Rr]eference §|redesign\.md|design\.md|k0s-behaviour/);
  });
});
