import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { parseFileNames, parseRecords } from "./apt.ts";
import { type DebianLock, formatLock, lockChanges, lockPath, readLock } from "./lock.ts";
import { markDeviations, packagesHash, setKey } from "./package-set.ts";

const sum = (digit: string): string => digit.repeat(64);

test("the repository's lock names packages and sums, and no place to get them from", async () => {
  const text = await readFile(lockPath, "utf8");
  expect(formatLock(await readLock())).toBe(text);
  const words = [...text.matchAll(/"([^"]*)"/g)].map(([, word = ""]) => word);
  expect(words.filter((word) => /\/|\.(org|net|com|io|dev)\b/.test(word))).toEqual([]);
});

test("changes are told by package", () => {
  const before = {
    sets: {},
    packages: { a: { version: "1", sha256: sum("a") }, b: { version: "1", sha256: sum("b") } },
  };
  const after = {
    sets: {},
    packages: { a: { version: "2", sha256: sum("c") }, c: { version: "1", sha256: sum("d") } },
  };
  expect(lockChanges(before, after)).toEqual([
    { name: "a", old: "1", new: "2" },
    { name: "b", old: "1" },
    { name: "c", new: "1" },
  ]);
  expect(lockChanges(before, before)).toEqual([]);
});

test("a lock keeps its order, whatever order it was made in", () => {
  const half = { sets: { z: ["b"], a: ["b"] }, packages: { b: { version: "1", sha256: sum("b") } } };
  const lock: DebianLock = { release: "bookworm", amd64: half, arm64: { sets: {}, packages: {} } };
  const text = formatLock(lock);
  expect(text.indexOf('"a"')).toBeLessThan(text.indexOf('"z"'));
  expect(JSON.parse(text)).toEqual(lock as never);
});

test("sets are named by all that shapes them", () => {
  const sets = [
    { packages: ["a"] },
    { packages: ["a"], alone: true },
    { packages: ["a"], system: true },
  ] as const;
  expect(new Set(sets.map(setKey)).size).toBe(3);
  expect(setKey({ packages: ["b", "a"] })).toBe(setKey({ packages: ["a", "b"] }));
});

test("the hash of packages depends on their versions and content, not on their order", () => {
  const [a, b] = [
    { name: "a", version: "1", sha256: sum("a") },
    { name: "b", version: "1", sha256: sum("b") },
  ] as const;
  expect(packagesHash([a, b])).toBe(packagesHash([b, a]));
  expect(packagesHash([a, b])).not.toBe(packagesHash([{ ...a, version: "2" }, b]));
  expect(packagesHash([a, b])).not.toBe(packagesHash([{ ...a, sha256: sum("c") }, b]));
  // What the lock says about them is no part of it.
  expect(packagesHash(markDeviations([a, b], [a]))).toBe(packagesHash([a, b]));
});

test("what apt prints is read with epochs and records in any order", () => {
  const uris =
    "'file:/x/gcc_12.deb' gcc_4%3a12.2.0-3_amd64.deb 5216 SHA256:aa\n'file:/y.deb' tzdata_2026f-0_all.deb 1 \nnoise\n";
  expect(parseFileNames(uris)).toEqual([
    { name: "gcc", version: "4:12.2.0-3" },
    { name: "tzdata", version: "2026f-0" },
  ]);
  expect(parseRecords(`Package: a\nSHA256: ${sum("a")}\nVersion: 1\n\nPackage: b\nVersion: 2\n`)).toEqual([
    { name: "a", version: "1", sha256: sum("a") },
  ]);
});
