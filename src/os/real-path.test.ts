import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realPath } from "./real-path.ts";

test("links on the way and at the end are followed, also below what does not exist yet", () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "k0s-real-")));
  try {
    mkdirSync(join(dir, "real", "k0s"), { recursive: true });
    symlinkSync(join(dir, "real"), join(dir, "link"));
    symlinkSync(join(dir, "nowhere"), join(dir, "dangling"));
    expect(realPath(join(dir, "link", "k0s"))).toBe(join(dir, "real", "k0s"));
    expect(realPath(join(dir, "link", "new", "below"))).toBe(join(dir, "real", "new", "below"));
    expect(realPath(join(dir, "link", ".."))).toBe(dir);
    expect(realPath(join(dir, "dangling"))).toBe(join(dir, "dangling"));
    expect(realPath("/")).toBe("/");
    expect(realPath("relative-and-missing")).toBe(join(realpathSync(process.cwd()), "relative-and-missing"));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
