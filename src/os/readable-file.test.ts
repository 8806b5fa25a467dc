import { expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unreadableBecause, unwritableBecause } from "./readable-file.ts";

test("mode, owner and the way there decide whether a user reads a file", async () => {
  const dir = await mkdtemp(join(tmpdir(), "readable-"));
  try {
    await chmod(dir, 0o755);
    await mkdir(join(dir, "keys"), { mode: 0o711 });
    const file = join(dir, "keys/a.key");
    await writeFile(file, "");
    const stranger = { uid: 4711, gid: 4711 };
    const group = { uid: 4711, gid: process.getgid?.() ?? 0 };

    await chmod(file, 0o644);
    expect(await unreadableBecause(file, stranger)).toBeUndefined();
    await chmod(file, 0o640);
    expect(await unreadableBecause(file, stranger)).toContain("is not readable for user 4711");
    expect(await unreadableBecause(file, group)).toBeUndefined();
    await chmod(join(dir, "keys"), 0o700);
    expect(await unreadableBecause(file, group)).toContain("is closed to user 4711");
    expect(await unreadableBecause(join(dir, "none"), group)).toContain("does not exist");
    expect(await unreadableBecause(dir, group)).toContain("is no file");
  } finally {
    await rm(dir, { recursive: true });
  }
});

test("a directory that another user may write in", async () => {
  const dir = await mkdtemp(join(tmpdir(), "writable-"));
  const stranger = { uid: 4711, gid: 4711 };
  try {
    await chmod(dir, 0o755);
    expect(await unwritableBecause(dir, stranger)).toContain("is not writable for user 4711");
    await chmod(dir, 0o772);
    expect(await unwritableBecause(dir, stranger)).toContain("is not writable for user 4711");
    await chmod(dir, 0o773);
    expect(await unwritableBecause(dir, stranger)).toBeUndefined();
    expect(await unwritableBecause(join(dir, "none"), stranger)).toContain("does not exist");
    expect(await unwritableBecause("/dev/null", stranger)).toContain("is not a directory");
  } finally {
    await rm(dir, { recursive: true });
  }
});
