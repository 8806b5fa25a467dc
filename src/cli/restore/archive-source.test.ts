import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newFileSystem } from "../../os/new-file.ts";
import { namelessFile } from "./archive-source.ts";
import { assertCanHold } from "./run.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "source-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const { signal } = new AbortController();
const pieces = (...texts: readonly string[]) => new Blob([...texts]).stream();

test.each([
  ["unnamed files", newFileSystem],
  ["no unnamed files", { openUnnamed: () => Promise.resolve(undefined) }],
])("what comes in has no name on a disk with %s, and can be read twice", async (_, system) => {
  await using source = await namelessFile(pieces("abc", "def"), join(dir, "not/yet"), signal, system);
  expect(readdirSync(dir)).toEqual([]);
  const read = (): string => readFileSync(source.path, "utf8");
  expect([read(), read()]).toEqual(["abcdef", "abcdef"]);
});

test("a sender that is silent does not hold up the end", async () => {
  const abort = new AbortController();
  const { promise: never } = Promise.withResolvers<void>();
  const silent = new ReadableStream<Uint8Array>({ pull: () => never });
  setTimeout(() => abort.abort(new Error("ended")), 20);
  const [outcome] = await Promise.allSettled([namelessFile(silent, dir, abort.signal)]);
  expect(outcome).toMatchObject({ status: "rejected", reason: { message: "ended" } });
});

test("a place where no configuration can be written is refused", async () => {
  const why = async (path: string): Promise<string> =>
    assertCanHold(path).then(
      () => "",
      (err: Error) => err.message,
    );
  expect(await why(join(dir, "missing/k0s.yaml"))).toContain("does not exist");
  expect(await why("/dev/null")).toContain("is not a regular file");
  mkdirSync(join(dir, "k0s.yaml"));
  expect(await why(join(dir, "k0s.yaml"))).toContain("is a directory");
  writeFileSync(join(dir, "old.yaml"), "");
  expect([await why(join(dir, "old.yaml")), await why(join(dir, "new.yaml"))]).toEqual(["", ""]);
});
