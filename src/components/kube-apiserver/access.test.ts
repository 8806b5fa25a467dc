// As what the kernel lets a user do: it is asked in each case.

import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../os/exec.ts";
import { type ListEntry, setAccessList } from "../../os/testdata/set-access-list.ts";
import { whyUnreadable, whyUnwritable } from "./access.ts";

const uid = 64_001;
const user = () => uid;
let dir = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "k0s-access-"));
  chmodSync(dir, 0o755);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Whether the kernel lets a process of kube-apiserver's user and group do it. */
async function does(script: string): Promise<boolean> {
  const as = [`--reuid=${uid}`, "--regid=0", "--clear-groups"];
  return (await run("setpriv", [...as, "sh", "-c", script])).code === 0;
}

const file = (name: string, mode: number, owner = 0, group = 0): string => {
  const path = join(dir, name);
  writeFileSync(path, "");
  chmodSync(path, mode);
  chownSync(path, owner, group);
  return path;
};
const directory = (name: string, mode: number, owner = 0): string => {
  const path = join(dir, name);
  mkdirSync(path);
  chmodSync(path, mode);
  chownSync(path, owner, 0);
  return path;
};
const listed = (path: string, list: readonly ListEntry[]): string => {
  setAccessList(path, list);
  return path;
};
/** Of a file for root alone: what user 64001 may besides. */
const forUser = (bits: number): readonly ListEntry[] => [
  [1, 6],
  [2, bits, uid],
  [4, 0],
  [16, 7],
  [32, 0],
];

/** Of a file that everybody may read, and whose list grants nothing beyond. */
const masked = (bits: number): readonly ListEntry[] => [
  [1, 6],
  [2, bits, uid],
  [4, 0],
  [16, 0],
  [32, 4],
];
/** Two entries of root's group: neither has both. */
const halves: readonly ListEntry[] = [
  [1, 7],
  [4, 2],
  [8, 1, 0],
  [16, 7],
  [32, 0],
];

const readings: readonly [string, () => string, string | undefined][] = [
  ["its group", () => file("f", 0o640), undefined],
  ["everybody", () => file("f", 0o644, 0, 7), undefined],
  ["everybody but its group", () => file("f", 0o604), "cannot be read by kube-apiserver"],
  ["its own", () => file("f", 0o400, uid), undefined],
  ["another's", () => file("f", 0o640, 64_009, 7), "cannot be read by kube-apiserver"],
  ["an access list", () => listed(file("f", 0o600), forUser(4)), undefined],
  [
    "an access list that shuts it out",
    () => listed(file("f", 0o644), forUser(0)),
    "cannot be read by kube-apiserver",
  ],
  ["an access list behind a mask of nothing", () => listed(file("f", 0o600, 0, 7), masked(4)), undefined],
  [
    "an access list behind a mask of nothing, its group's",
    () => listed(file("f", 0o600), masked(4)),
    "cannot be read by kube-apiserver",
  ],
];

test.each(readings)(
  "reading, as the kernel lets it: %s",
  async (_, make, expected) => {
    const path = make();
    expect(await does(`cat ${path}`)).toBe(expected === undefined);
    expect((await whyUnreadable(path, user))?.message).toBe(expected);
  },
  60_000,
);

const closed = (path: string) => `cannot be written: ${path} is closed to kube-apiserver`;
const writings: readonly [string, () => string, (dir: string) => string | undefined][] = [
  ["a directory of its group", () => join(directory("d", 0o770), "a.log"), () => undefined],
  ["a directory of root", () => join(directory("d", 0o755), "a.log"), (all) => closed(join(all, "d"))],
  ["directories that it makes", () => join(directory("d", 0o770), "b", "c", "a.log"), () => undefined],
  [
    "directories that it cannot make",
    () => join(directory("d", 0o755), "b", "c", "a.log"),
    (all) => closed(join(all, "d")),
  ],
  [
    "a directory with an access list",
    () => join(listed(directory("d", 0o700), forUser(7)), "a.log"),
    () => undefined,
  ],
  [
    "a directory whose list has it in halves",
    () => join(listed(directory("d", 0o700), halves), "a.log"),
    (all) => closed(join(all, "d")),
  ],
  [
    "another's directory",
    () => join(directory("d", 0o700, 64_009), "a.log"),
    (all) => closed(join(all, "d")),
  ],
  ["a file that is there", () => (directory("d", 0o750), file("d/a.log", 0o660)), () => undefined],
  [
    "a file that is there for root",
    () => (directory("d", 0o770), file("d/a.log", 0o644)),
    () => "cannot be written by kube-apiserver",
  ],
];

test.each(writings)(
  "writing a log, as the kernel lets it: %s",
  async (_, make, expected) => {
    const path = make();
    const why = expected(dir);
    expect((await whyUnwritable(path, user))?.message).toBe(why);
    expect(await does(`mkdir -p -m 700 $(dirname ${path}) && : <>${path}`)).toBe(why === undefined);
  },
  60_000,
);

test("a file that is not there, in a closed directory, or behind a link into one", async () => {
  expect((await whyUnreadable(join(dir, "none"), user))?.message).toBe("cannot be read: ENOENT");
  const inner = directory("closed", 0o700);
  file("closed/f", 0o644);
  symlinkSync(join(inner, "f"), join(dir, "link"));
  const message = `cannot be read by kube-apiserver, which cannot enter ${inner}`;
  for (const path of [join(inner, "f"), join(dir, "link")])
    expect((await whyUnreadable(path, user))?.message).toBe(message);
});

test("a directory that is closed between two links", async () => {
  const between = directory("between", 0o700);
  symlinkSync(dir, join(between, "current"));
  const path = join(dir, "link");
  symlinkSync("between/current/f", path);
  file("f", 0o644);
  expect(await does(`cat ${path}`)).toBe(false);
  const message = `cannot be read by kube-apiserver, which cannot enter ${between}`;
  expect((await whyUnreadable(path, user))?.message).toBe(message);
  chmodSync(between, 0o710);
  expect(await does(`cat ${path}`)).toBe(true);
  expect(await whyUnreadable(path, user)).toBeUndefined();
});

test("before there is such a user, what is another's may be meant for it", async () => {
  const none = () => undefined;
  expect(await whyUnreadable(file("other", 0o400, 64_009), none)).toBeUndefined();
  expect((await whyUnreadable(file("root", 0o400), none))?.message).toBe("cannot be read by kube-apiserver");
  expect((await whyUnwritable(join(directory("d", 0o700, 64_009), "a.log"), none))?.message).toBeUndefined();
});
