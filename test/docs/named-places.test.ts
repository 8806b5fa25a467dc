// The maps of the code are true: every folder and file that AGENTS.md and docs/architecture.md name is there, also in
// pictures and by its short name, and their layers are those that `make check` enforces.

import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { codeSpans, tableBelow } from "./markdown-table.ts";

const top = join(import.meta.dir, "../..");
const read = (file: string): string => readFileSync(join(top, file), "utf8");
const isFolder = (name: string): boolean => existsSync(join(top, "src", name));

/** Places, wherever they stand in the text; those of `src/` may lack it, `<name>` and `*` stand for any name. */
function placesIn(text: string): readonly string[] {
  const inSource = "node|components|config|supervisor|status|cli";
  const roots = `src|build|test|bench|docs|images|launcher|upstream|${inSource}`;
  return [...text.matchAll(new RegExp(`(?<![\\w./-])(?:${roots})/[\\w./<>*-]*`, "g"))]
    .map(([place]) => place.replace(/[.,]$/, ""))
    .map((place) => (new RegExp(`^(?:${inSource})/`).test(place) ? `src/${place}` : place));
}

function exists(place: string): boolean {
  const pattern = place.replaceAll(/<[^>]+>/g, "*").replace(/\/$/, "");
  if (!pattern.includes("*")) return existsSync(join(top, pattern));
  return [...new Bun.Glob(pattern).scanSync({ cwd: top, onlyFiles: false })].length > 0;
}

test.each(["AGENTS.md", "docs/architecture.md"])("every place in %s exists", (file) => {
  const places = placesIn(read(file));
  expect(places.length).toBeGreaterThan(30);
  expect(places.filter((place) => !exists(place))).toEqual([]);
});

test("a short name in AGENTS.md is a file in a folder of its row", () => {
  const wrong = tableBelow(read("AGENTS.md"), "Task → folder").flatMap(([, cell = ""]) => {
    const folders = placesIn(cell).map((place) =>
      place.endsWith("/") ? place : place.replace(/[^/]*$/, ""),
    );
    return codeSpans(cell)
      .filter((span) => /^[\w.-]+\.(?:ts|json|go|mod)$/.test(span))
      .filter((span) => !folders.some((folder) => exists(folder + span)));
  });
  expect(wrong).toEqual([]);
});

test("a page of AGENTS.md that has a number is an ADR", () => {
  const decisions = readdirSync(join(top, "docs/adr"));
  const numbers = [...read("AGENTS.md").matchAll(/\bADR (\d+)/g)].map(([, number = ""]) => number);
  const missing = numbers.filter(
    (number) => !decisions.some((name) => name.startsWith(number.padStart(4, "0"))),
  );
  expect(missing).toEqual([]);
});

interface LayerRule {
  readonly name: string;
  readonly comment?: string;
}

const { forbidden } = createRequire(import.meta.url)("../../.dependency-cruiser.cjs") as {
  readonly forbidden: readonly LayerRule[];
};

/** Which folders of `src/` another one may import, by the rules of `make check`. */
const allowed = new Map<string, readonly string[]>(
  forbidden.flatMap(({ name, comment = "" }) => {
    const folder = /^layer-(.+)$/.exec(name)?.[1];
    if (folder === undefined || !isFolder(folder)) return [];
    return [[folder, (comment.split(": ")[1] ?? "").split(", ")] as const];
  }),
);

test("the layers of AGENTS.md are all folders of src/, and each may import what lies below it", () => {
  const layers = tableBelow(read("AGENTS.md"), "Layers").map(([, cell]) => codeSpans(cell));
  const folders = readdirSync(join(top, "src"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(layers.flat().toSorted()).toEqual(folders.toSorted());
  for (const [level, layer] of layers.entries())
    for (const folder of layer)
      expect(allowed.get(folder)).toEqual(expect.arrayContaining(layers.slice(level + 1).flat()));
});

test("the picture of docs/architecture.md has the same layers", () => {
  const [, picture = ""] = /## Layers[\s\S]*?```text\n([\s\S]*?)```/.exec(read("docs/architecture.md")) ?? [];
  // Right of a gap is what a layer is for.
  const rows = picture
    .split("\n")
    .map((line) => line.trim().split(/ {4,}(?=[a-z]+ [a-z]|k0s)/)[0] ?? "")
    .map((line) => line.match(/[a-z]+/g) ?? [])
    .filter((names) => names.length > 0);
  const layers = tableBelow(read("AGENTS.md"), "Layers").map(([, cell]) => codeSpans(cell));
  expect(rows.map((row) => row.toSorted())).toEqual(layers.map((layer) => [...layer].toSorted()));
});
