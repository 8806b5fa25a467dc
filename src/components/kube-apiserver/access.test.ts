import { expect, test } from "bun:test";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isOpen, whyUnreadable, whyUnwritable } from "./access.ts";

test("of one in root's group the group's rights count, else those of everybody", () => {
  const cases: readonly [number, number, boolean][] = [
    [0o640, 0, true],
    [0o640, 7, false],
    [0o644, 7, true],
    // The kernel does not look further than at the group.
    [0o604, 0, false],
    [0o600, 0, false],
  ];
  for (const [mode, gid, open] of cases)
    expect([mode, gid, isOpen({ mode, gid }, 0o4)]).toEqual([mode, gid, open]);
});

test("a file that is not there, and one in a directory that is closed, are told with what to do", async () => {
  const dir = await mkdtemp(join(tmpdir(), "k0s-access-"));
  try {
    const file = join(dir, "file");
    expect((await whyUnreadable(file))?.message).toBe("cannot be read: ENOENT");
    await writeFile(file, "", { mode: 0o644 });
    await chmod(file, 0o644);
    await chmod(dir, 0o755);
    expect(await whyUnreadable(file)).toBeUndefined();
    await chmod(file, 0o400);
    expect((await whyUnreadable(file, () => undefined))?.message).toBe("cannot be read by kube-apiserver");
    expect(await whyUnreadable(file, process.getuid)).toBeUndefined();
    await chmod(file, 0o644);
    await chmod(dir, 0o700);
    // Of a directory that is not root's nothing is known.
    const mine = process.getuid?.() === 0;
    expect((await whyUnreadable(file))?.message).toBe(
      mine ? `cannot be read by kube-apiserver, which cannot enter ${dir}` : undefined,
    );
    expect((await whyUnwritable(join(dir, "none")))?.remedy).toContain("mkdir -p");
    expect((await whyUnwritable(dir)) === undefined).toBe(!mine);
    await chmod(dir, 0o770);
    expect(await whyUnwritable(dir)).toBeUndefined();
  } finally {
    await rm(dir, { recursive: true });
  }
});
