import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasMemberData } from "./member-data.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "k0s-member-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

test("a database alone is what a killed first start leaves, and no member", async () => {
  expect(await hasMemberData(dir)).toBe(false);
  mkdirSync(join(dir, "member/snap"), { recursive: true });
  writeFileSync(join(dir, "member/snap/db"), "pages");
  expect(await hasMemberData(dir)).toBe(false);
  mkdirSync(join(dir, "member/wal"));
  expect(await hasMemberData(dir)).toBe(false);
  writeFileSync(join(dir, "member/wal/0000000000000000-0000000000000000.wal"), "");
  expect(await hasMemberData(dir)).toBe(true);
});
