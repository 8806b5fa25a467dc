import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  chownTree,
  ensureDir,
  makeDir,
  readFileIfExists,
  statIfExists,
  writeFileAtomic,
  writeFileIfChanged,
} from "./files.ts";

let dir = "";
let umask = 0;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-files-"));
  umask = process.umask(0o077);
});

afterEach(async () => {
  process.umask(umask);
  await rm(dir, { recursive: true, force: true });
});

const modeOf = async (path: string) => (await stat(path)).mode & 0o7777;

test("a file has exactly the mode and owner asked for, whatever the umask", async () => {
  const path = join(dir, "file");
  await writeFileAtomic(path, "one", { mode: 0o644, uid: 1234, gid: 0 });
  expect(await modeOf(path)).toBe(0o644);
  expect((await stat(path)).uid).toBe(1234);
  await writeFileAtomic(path, "two", { mode: 0o600 });
  expect(await readFile(path, "utf8")).toBe("two");
  expect(await modeOf(path)).toBe(0o600);
});

test("a failed write leaves the old file and no temporary one", async () => {
  await ensureDir(join(dir, "target"));
  expect(writeFileAtomic(join(dir, "target"), "x")).rejects.toThrow();
  await Bun.sleep(20);
  expect(await readdir(dir)).toEqual(["target"]);
});

test("writing below a file is an error that names the path", async () => {
  await writeFile(join(dir, "file"), "");
  expect(writeFileAtomic(join(dir, "file", "below"), "x")).rejects.toThrow(join(dir, "file", "below"));
});

test("a file that already is as it should be is not touched", async () => {
  const path = join(dir, "file");
  expect(await writeFileIfChanged(path, "one", { mode: 0o640 })).toBe(true);
  const before = (await stat(path)).ino;
  expect(await writeFileIfChanged(path, "one", { mode: 0o640 })).toBe(false);
  expect((await stat(path)).ino).toBe(before);
  expect(await writeFileIfChanged(path, "one", { mode: 0o600 })).toBe(true);
  expect(await writeFileIfChanged(path, "two", { mode: 0o600 })).toBe(true);
});

test("directories and the parents that were missing can be passed through", async () => {
  const path = join(dir, "a", "b", "c");
  await ensureDir(path, { mode: 0o711, uid: 1234 });
  expect(await modeOf(join(dir, "a"))).toBe(0o755);
  expect(await modeOf(join(dir, "a", "b"))).toBe(0o755);
  expect(await modeOf(path)).toBe(0o711);
  await ensureDir(path, { mode: 0o700 });
  expect(await modeOf(path)).toBe(0o700);
  expect(await modeOf(dir)).toBe(0o700); // mkdtemp's own: not ours to widen
});

test("what does not exist reads as undefined", async () => {
  expect(await readFileIfExists(join(dir, "none"))).toBeUndefined();
  expect(await statIfExists(join(dir, "none", "below"))).toBeUndefined();
});

test("a tree is given away whole, and a missing one is no error", async () => {
  await ensureDir(join(dir, "tree", "below"));
  await writeFile(join(dir, "tree", "below", "file"), "");
  await chownTree(join(dir, "tree"), 1234, 0);
  expect((await stat(join(dir, "tree", "below", "file"))).uid).toBe(1234);
  expect((await stat(join(dir, "tree"))).uid).toBe(1234);
  await chownTree(join(dir, "none"), 1234, 0);
});

test("a directory that existed keeps its mode, one that is made gets what is asked for", async () => {
  await ensureDir(join(dir, "home"), { mode: 0o700 });
  expect(await makeDir(join(dir, "home"), { mode: 0o755, uid: 4711 })).toBe(false);
  expect((await stat(join(dir, "home"))).uid).toBe(process.getuid?.() ?? 0);
  expect(await modeOf(join(dir, "home"))).toBe(0o700);
  expect(await makeDir(join(dir, "home", "new"), { mode: 0o750 })).toBe(true);
  expect(await modeOf(join(dir, "home", "new"))).toBe(0o750);
});
