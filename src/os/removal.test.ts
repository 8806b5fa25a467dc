import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./exec.ts";
import { removeEmptyDirectory, removeFile, removeTree } from "./removal.ts";

let dir = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "k0s-removal-"));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("a tree goes with all that is in it, and again is fine", async () => {
  mkdirSync(join(dir, "a", "b", "c"), { recursive: true });
  for (let i = 0; i < 600; i += 1) writeFileSync(join(dir, "a", `f${i}`), "");
  writeFileSync(Buffer.concat([Buffer.from(join(dir, "a", "b")), Buffer.from([0x2f, 0xff, 0xfe])]), "");
  writeFileSync(join(dir, "beside"), "");
  await removeTree(join(dir, "a"));
  await removeTree(join(dir, "a"));
  expect(readdirSync(dir)).toEqual(["beside"]);
  await removeTree(join(dir, "beside"));
  expect(readdirSync(dir)).toEqual([]);
});

test("a symbolic link goes, what it leads to stays", async () => {
  mkdirSync(join(dir, "kept"));
  writeFileSync(join(dir, "kept", "file"), "x");
  mkdirSync(join(dir, "tree"));
  symlinkSync(join(dir, "kept"), join(dir, "tree", "link"));
  symlinkSync(join(dir, "kept"), join(dir, "link"));
  await removeTree(join(dir, "tree"));
  await removeTree(join(dir, "link"));
  expect(readdirSync(dir)).toEqual(["kept"]);
  expect(readFileSync(join(dir, "kept", "file"), "utf8")).toBe("x");
});

test("the content alone, but not through a link", async () => {
  mkdirSync(join(dir, "tree", "below"), { recursive: true });
  symlinkSync(join(dir, "tree"), join(dir, "link"));
  expect(removeTree(join(dir, "link"), { contentOnly: true })).rejects.toThrow();
  await removeTree(join(dir, "tree"), { contentOnly: true });
  expect(readdirSync(join(dir, "tree"))).toEqual([]);
  expect(removeTree("/")).rejects.toThrow("the root directory");
});

test("a directory whose place a symbolic link has taken since is not followed", async () => {
  mkdirSync(join(dir, "precious"));
  writeFileSync(join(dir, "precious", "passwd"), "x");
  symlinkSync(join(dir, "precious"), join(dir, "own"));
  expect(removeTree(join(dir, "own", "passwd"), { parentIsReal: true })).rejects.toThrow();
  expect(readdirSync(join(dir, "precious"))).toEqual(["passwd"]);
  await removeTree(join(dir, "own", "passwd"));
  expect(readdirSync(join(dir, "precious"))).toEqual([]);
});

test("a file is no directory, and an empty directory is one in which nothing is", async () => {
  mkdirSync(join(dir, "full", "empty"), { recursive: true });
  await removeFile(join(dir, "nothing"));
  expect(removeFile(join(dir, "full", "empty"))).rejects.toThrow();
  expect(await removeEmptyDirectory(join(dir, "full"))).toBe(false);
  expect(await removeEmptyDirectory(join(dir, "full", "empty"))).toBe(true);
  expect(await removeEmptyDirectory(join(dir, "nothing"))).toBe(false);
});

/** `st_dev` is the same on both sides of a bind mount; only the mount tells them apart. */
describe.each([
  ["another file system", "mount -t tmpfs t $D/tree/mount"],
  ["a bind mount of the same file system", "mount --bind $D/kept $D/tree/mount"],
  ["a mounted file", "touch $D/tree/file; mount --bind $D/kept/file $D/tree/file"],
])("%s", (_, mount) => {
  test("is never entered, also by a path that leads through a link", async () => {
    mkdirSync(join(dir, "kept"));
    writeFileSync(join(dir, "kept", "file"), "precious");
    mkdirSync(join(dir, "tree", "mount"), { recursive: true });
    symlinkSync(dir, join(dir, "link"));
    const program = `
      const { removeTree } = await import(${JSON.stringify(join(import.meta.dir, "removal.ts"))});
      await removeTree(${JSON.stringify(join(dir, "link", "tree"))}).catch((err) => console.log(err.message));`;
    const script = `D=${dir}; ${mount}; echo x >$D/tree/mount/inside; ${process.execPath} -e '${program}'; ls -d $D/tree $D/kept/file`;
    const { stdout } = await run("unshare", ["--mount", "--propagation", "private", "sh", "-ec", script]);
    expect(stdout).toContain("is left as it is: something is mounted there");
    expect(existsSync(join(dir, "tree"))).toBe(true);
    expect(readFileSync(join(dir, "kept", "file"), "utf8")).toBe("precious");
  });
});
