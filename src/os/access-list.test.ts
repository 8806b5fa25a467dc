import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allows, readAccessList } from "./access-list.ts";
import { run } from "./exec.ts";
import { type ListEntry, setAccessList } from "./testdata/set-access-list.ts";

let dir = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "k0s-acl-"));
  chmodSync(dir, 0o755);
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const user = { uid: 64_001, gid: 64_002 };

/** [what it shows, owner and group, the list or the mode, whether the user may pass] */
const cases: readonly [string, { uid: number; gid: number }, readonly ListEntry[] | number, boolean][] = [
  ["others", { uid: 0, gid: 0 }, 0o701, true],
  ["the group before others", { uid: 0, gid: user.gid }, 0o701, false],
  ["the owner before its group", { uid: user.uid, gid: user.gid }, 0o611, false],
  ["the group", { uid: 0, gid: user.gid }, 0o710, true],
  [
    "a named user",
    { uid: 0, gid: 0 },
    [
      [1, 7],
      [2, 1, user.uid],
      [4, 0],
      [16, 1],
      [32, 0],
    ],
    true,
  ],
  [
    "a named user that is shut out",
    { uid: 0, gid: 0 },
    [
      [1, 7],
      [2, 4, user.uid],
      [4, 5],
      [16, 5],
      [32, 5],
    ],
    false,
  ],
  [
    "a named user behind the mask",
    { uid: 0, gid: 0 },
    [
      [1, 7],
      [2, 1, user.uid],
      [4, 5],
      [16, 4],
      [32, 5],
    ],
    false,
  ],
  [
    "somebody else's name",
    { uid: 0, gid: 0 },
    [
      [1, 7],
      [2, 1, 1],
      [4, 5],
      [16, 5],
      [32, 0],
    ],
    false,
  ],
  [
    "a named group",
    { uid: 0, gid: 0 },
    [
      [1, 7],
      [4, 0],
      [8, 1, user.gid],
      [16, 1],
      [32, 0],
    ],
    true,
  ],
  [
    "the better of two groups",
    { uid: 0, gid: user.gid },
    [
      [1, 7],
      [4, 4],
      [8, 1, user.gid],
      [16, 5],
      [32, 0],
    ],
    true,
  ],
  [
    "a group behind the mask",
    { uid: 0, gid: 0 },
    [
      [1, 7],
      [4, 5],
      [8, 1, user.gid],
      [16, 4],
      [32, 5],
    ],
    false,
  ],
  [
    "the owner, whatever is named",
    { uid: user.uid, gid: 0 },
    [
      [1, 7],
      [2, 0, user.uid],
      [4, 0],
      [16, 0],
      [32, 0],
    ],
    true,
  ],
  [
    "others beside a list, not masked",
    { uid: 0, gid: 0 },
    [
      [1, 7],
      [2, 0, 1],
      [4, 0],
      [16, 0],
      [32, 1],
    ],
    true,
  ],
];

test.each(cases)(
  "as the kernel does: %s",
  async (_, owner, rights, expected) => {
    const path = join(dir, "d");
    mkdirSync(path);
    chownSync(path, owner.uid, owner.gid);
    if (typeof rights === "number") chmodSync(path, rights);
    else setAccessList(path, rights);
    const kernel = await run("setpriv", [
      `--reuid=${user.uid}`,
      `--regid=${user.gid}`,
      "--clear-groups",
      "sh",
      "-c",
      `cd ${path}`,
    ]);
    expect(kernel.code === 0).toBe(expected);
    expect(allows(statSync(path), readAccessList(path), user, 0o1)).toBe(expected);
  },
  60_000,
);

test("a file without a list, or none", () => {
  expect(readAccessList(dir)).toEqual([]);
  expect(readAccessList(join(dir, "none"))).toEqual([]);
  expect(readAccessList("/proc/self")).toEqual([]);
});
