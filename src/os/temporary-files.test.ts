import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { removeStaleTemporaries, temporaryName } from "./temporary-files.ts";

/** Larger than any process id that the kernel gives. */
const gone = 2 ** 22 + 1;

test("in a directory that others use, only those of one file", async () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-temporary-"));
  const [ours, theirs] = ["k0sworker.service", "other.service"].map((name) =>
    temporaryName(join(dir, name), gone),
  );
  for (const path of [ours ?? "", theirs ?? ""]) writeFileSync(path, "x");
  try {
    expect(await removeStaleTemporaries([dir], "k0sworker.service")).toEqual([ours ?? ""]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("what a killed writer left goes; everything that another name or a living writer has stays", async () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-temporary-"));
  const stale = temporaryName(join(dir, "ca.key"), gone);
  const kept = [
    temporaryName(join(dir, "ca.key"), process.ppid),
    join(dir, "ca.key"),
    join(dir, `ca.key.${gone}.0123abcd.tmp`),
    join(dir, `.ca.key.${gone}.tmp`),
    join(dir, ".ca.key.swp"),
  ];
  for (const path of [stale, ...kept]) writeFileSync(path, "x");
  mkdirSync(join(dir, "below"));
  const below = temporaryName(join(dir, "below", "x"), gone);
  writeFileSync(below, "x");
  try {
    expect(await removeStaleTemporaries([dir, dir, join(dir, "missing"), join(dir, "ca.key")])).toEqual([
      stale,
    ]);
    expect(readdirSync(dir).sort()).toEqual([...kept.map((path) => basename(path)), "below"].sort());
    expect(readdirSync(join(dir, "below"))).toEqual([basename(below)]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
