// That the walk fits the code as it is; test/integration/first-change.test.ts takes its steps.

import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expectHunks, type Step, walkSteps, withHunks } from "./walk.ts";

const top = join(import.meta.dir, "../..");
const read = (file: string): string => readFileSync(join(top, file), "utf8");
const steps = walkSteps(read("docs/contributing/first-change.md"));
const of = <Kind extends Step["kind"]>(kind: Kind): Extract<Step, { kind: Kind }>[] =>
  steps.filter((step) => step.kind === kind) as Extract<Step, { kind: Kind }>[];

const taken = of("file").some(({ path }) => existsSync(join(top, path)));

test("what it changes is as it says: before, or once somebody has taken it", () => {
  expect(of("edit").length).toBeGreaterThan(0);
  for (const { path, hunks } of of("edit"))
    if (taken) expectHunks(read(path), hunks, path);
    else expect(withHunks(read(path), hunks, path)).not.toBe(read(path));
});

test("blocks are steps in their order", () => {
  const fence = "```";
  const page = `Text.

**a/new.ts**

${fence}ts
new
${fence}

**a/old.ts**

${fence}diff
 one
-two
+three
@@
+zero
 last
${fence}

${fence}console
$ make check      # a comment
output
$ bun test "a b"
${fence}

${fence}diff
+++ b/made.md
 one
+more
${fence}
`;
  const [file, edit, ...rest] = walkSteps(page);
  expect(file).toEqual({ kind: "file", path: "a/new.ts", text: "new\n" });
  expect(edit?.kind === "edit" && withHunks("one\ntwo\nlast\n", edit.hunks, "a/old.ts")).toBe(
    "one\nthree\nzero\nlast\n",
  );
  expect(() => edit?.kind === "edit" && withHunks("one\nlast\n", edit.hunks, "a/old.ts")).toThrow(
    "there 0 times",
  );
  expect(rest.map((step) => (step.kind === "command" ? step.line : step.kind))).toEqual([
    "make check",
    'bun test "a b"',
    "seen",
  ]);
});
