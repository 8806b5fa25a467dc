import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostPlatform } from "../platform.ts";
import { goneFromDebian } from "./check-lock.ts";
import { type DebianOptions, openApt } from "./debian-packages.ts";
import { debianTree } from "./debian-tree.ts";
import type { DebianLock } from "./lock.ts";
import { type PackageSet, setKey } from "./package-set.ts";
import { type MadePackage, TestArchive } from "./test-archive.ts";

const platform = hostPlatform();
const set: PackageSet = { packages: ["curl", "web"] };
let dir: string;
let archive: TestArchive;
let warnings: string[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-debian-"));
  archive = new TestArchive(dir);
  warnings = [];
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function lockOf(packages: readonly MadePackage[], sets: readonly PackageSet[] = [set]): DebianLock {
  const empty = { sets: {}, packages: {} };
  const names = packages.map(({ name }) => name).sort();
  const mine = {
    sets: Object.fromEntries(sets.map((one) => [setKey(one), names])),
    packages: Object.fromEntries(packages.map(({ name, version, sha256 }) => [name, { version, sha256 }])),
  };
  return { release: "bookworm", amd64: empty, arm64: empty, [platform.arch]: mine };
}

/** Each time as a build of its own would: with the same cache, but nothing in memory. */
function options(lock: DebianLock, cache = "cache"): Required<Omit<DebianOptions, "signal">> {
  return {
    cache: join(dir, cache),
    lock,
    sources: archive.sources,
    warn: (line) => void warnings.push(line),
  };
}

const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "no error",
    (err: Error) => err.message,
  );

test("the packages of the lock are taken while Debian has them, also beside newer ones", async () => {
  const curl = await archive.make({ name: "curl", version: "1.0-1", depends: "libcurl" });
  const libcurl = await archive.make({ name: "libcurl", version: "1.0-1" });
  const web = await archive.make({ name: "web", version: "1:2-1" });
  const newer = await archive.make({ name: "curl", version: "1.1-1", depends: "libcurl" });
  await archive.publish([curl, libcurl, web, newer]);
  const lock = lockOf([curl, libcurl, web]);
  const tree = await debianTree(set, platform, options(lock));
  expect(tree.packages.map(({ name, version, deviation }) => [name, version, deviation])).toEqual([
    ["curl", "1.0-1", undefined],
    ["libcurl", "1.0-1", undefined],
    ["web", "1:2-1", undefined],
  ]);
  expect(await readFile(join(tree.dir, "usr/share/curl"), "utf8")).toBe("1.0-1");
  expect(warnings).toEqual([]);
  expect(await goneFromDebian(lock, options(lock))).toEqual([]);
});

test("what was downloaded once needs no archive any more", async () => {
  const packages = [
    await archive.make({ name: "curl", version: "1" }),
    await archive.make({ name: "web", version: "1" }),
  ];
  await archive.publish(packages);
  const lock = lockOf(packages);
  const { dir: first } = await debianTree(set, platform, options(lock));
  await rm(join(dir, "archive"), { recursive: true });
  await rm(first, { recursive: true });
  const again = await debianTree(set, platform, options(lock));
  expect(again.dir).toBe(first);
  expect(await readFile(join(again.dir, "usr/share/web"), "utf8")).toBe("1");
});

test("a version that is gone is replaced by the newest, with a warning; the others stay", async () => {
  const locked = [
    await archive.make({ name: "curl", version: "1.0-1" }),
    await archive.make({ name: "web", version: "3-1" }),
  ];
  const curl = await archive.make({ name: "curl", version: "1.0-2", depends: "libnew" });
  const libnew = await archive.make({ name: "libnew", version: "7" });
  const newerWeb = await archive.make({ name: "web", version: "3-2" });
  await archive.publish([curl, libnew, locked[1]!, newerWeb]);
  const lock = lockOf(locked);
  const tree = await debianTree(set, platform, options(lock));
  expect(tree.packages.map(({ name, version, deviation }) => [name, version, deviation])).toEqual([
    ["curl", "1.0-2", { locked: "1.0-1" }],
    ["libnew", "7", {}],
    ["web", "3-1", undefined],
  ]);
  expect(warnings.join("\n")).toContain("curl 1.0-2 (tested: 1.0-1), libnew 7 (tested: none)");
  expect(warnings.join("\n")).toContain("make update-debian");
  expect(await goneFromDebian(lock, options(lock))).toEqual(["Debian no longer has curl 1.0-1, but 1.0-2"]);

  // Other versions are other bytes, so another name; the renewed lock has the same name for the same packages.
  const renewed = await debianTree(set, platform, options(lockOf([curl, libnew, locked[1]!])));
  expect(renewed.dir).toBe(tree.dir);
  expect(renewed.packages.every(({ deviation }) => deviation === undefined)).toBe(true);
});

test("when old and new do not fit together, all are new", async () => {
  const locked = [
    await archive.make({ name: "curl", version: "1" }),
    await archive.make({ name: "web", version: "1", depends: "curl (= 1)" }),
  ];
  const curl = await archive.make({ name: "curl", version: "2" });
  const web = await archive.make({ name: "web", version: "2", depends: "curl (= 2)" });
  await archive.publish([locked[1]!, curl, web]);
  const tree = await debianTree(set, platform, options(lockOf(locked)));
  expect(tree.packages.map(({ version }) => version)).toEqual(["2", "2"]);
});

test("lists that are older than a few minutes take nothing for gone", async () => {
  const old = [
    await archive.make({ name: "curl", version: "1" }),
    await archive.make({ name: "web", version: "1" }),
  ];
  await archive.publish(old);
  const apt = await openApt(platform, "bookworm", options(lockOf(old)));
  await apt.readLists();
  await Bun.write(join(dir, "cache/debian", platform.dir, "apt/read-at"), String(Date.now() - 3_600_000));
  const now = [await archive.make({ name: "curl", version: "2" }), old[1]!];
  await archive.publish(now);
  const tree = await debianTree(set, platform, options(lockOf(now)));
  expect(tree.packages.map(({ version, deviation }) => [version, deviation])).toEqual([
    ["2", undefined],
    ["1", undefined],
  ]);
  expect(warnings).toEqual([]);
});

test("the same version with another content is refused", async () => {
  const locked = [
    await archive.make({ name: "curl", version: "1" }),
    await archive.make({ name: "web", version: "1" }),
  ];
  await archive.publish([await archive.make({ name: "curl", version: "1", text: "other" }), locked[1]!]);
  expect(await failure(debianTree(set, platform, options(lockOf(locked))))).toBe(
    "Debian's list names another content for curl 1 than the lock does",
  );
});

test("a set that the lock does not know is an error that says what to do", async () => {
  const other = debianTree({ packages: ["wget"] }, platform, options(lockOf([])));
  expect(await failure(other)).toBe(
    `the lock of Debian packages does not know the set "wget" of ${platform.arch}`,
  );
});
