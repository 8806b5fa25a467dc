import { afterEach, beforeEach, expect, test } from "bun:test";
import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newFileSystem, writeNewFile } from "./new-file.ts";

let dir = "";
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "k0s-new-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("a file is whole, its owner's alone, and takes nobody's place", async () => {
  const path = join(dir, "file");
  await writeNewFile(path, Buffer.from("first"));
  expect(readFileSync(path, "utf8")).toBe("first");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(writeNewFile(path, Buffer.from("second"))).rejects.toThrow("is there already");
  expect(readFileSync(path, "utf8")).toBe("first");
  expect(readdirSync(dir)).toEqual(["file"]);
});

test.each([
  ["without a second name for a file, such as FAT", "EPERM", undefined],
  ["without a rename that takes nobody's place", undefined, "EINVAL"],
])("a file system without unnamed files, %s", async (_, link, rename) => {
  const failing = (code: string | undefined) => (from: string, to: string) => {
    if (code !== undefined) throw Object.assign(new Error(code), { code });
    linkSync(from, to);
  };
  const system = {
    openUnnamed: async () => undefined,
    link: failing(link),
    rename: rename === undefined ? newFileSystem.rename : failing(rename),
  };
  const path = join(dir, "file");
  await writeNewFile(path, Buffer.from("first"), system);
  expect(readFileSync(path, "utf8")).toBe("first");
  expect(writeNewFile(path, Buffer.from("second"), system)).rejects.toThrow("is there already");
  expect(readFileSync(path, "utf8")).toBe("first");
  expect(readdirSync(dir)).toEqual(["file"]);
});

test("a kill at any moment leaves the whole file or nothing", async () => {
  const main = join(import.meta.dir, "testdata/new-file.ts");
  for (const ms of [0, 20, 50, 80, 120]) {
    const path = join(dir, `file-${ms}`);
    const child = Bun.spawn([process.execPath, main, path], { stdout: "pipe", stderr: "inherit" });
    await child.stdout.getReader().read();
    await Bun.sleep(ms);
    child.kill("SIGKILL");
    await child.exited;
  }
  for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).size).toBe(64 << 20);
}, 60_000);

test("no directory, no file", async () => {
  writeFileSync(join(dir, "file"), "");
  expect(writeNewFile(join(dir, "none", "file"), Buffer.from(""))).rejects.toThrow("ENOENT");
  expect(writeNewFile(join(dir, "file", "file"), Buffer.from(""))).rejects.toThrow(
    "a part of the path is not a directory",
  );
});
