import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { groupName } from "./cgroups.ts";
import { listSandboxes } from "./list-sandboxes.ts";
import type { SandboxDirs } from "./sandbox-dirs.ts";
import {
  knownNames,
  lookAtState,
  readState,
  type SandboxState,
  takenPrefixes,
  writeState,
} from "./sandbox-state.ts";

let base: string;
let dirs: SandboxDirs;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "k0s-sandbox-state-"));
  dirs = { runDir: join(base, "run"), diskDir: join(base, "disks") };
});
afterAll(() => rm(base, { recursive: true }));

function state(name: string): SandboxState {
  return {
    version: 1,
    name,
    createdAt: "2026-01-01T00:00:00Z",
    creator: { pid: 2, startTime: 1 },
    ephemeral: false,
    complete: true,
    prefix: "10.200.0",
    uplink: { link: "k0s-up0", forwarding: "0", nameserver: "192.0.2.1" },
    machines: [
      {
        name: "one",
        number: 2,
        address: "10.200.0.2",
        group: groupName(name, "one"),
        diskDir: join(dirs.diskDir, name, "one"),
        machineId: "0",
      },
    ],
  };
}

test("what was written is read", async () => {
  await writeState(state("demo"), dirs);
  expect(await readState("demo", dirs)).toEqual(state("demo"));
  expect(await readState("other", dirs)).toBeUndefined();
});

test.each(["../victim", "../../tmp/victim", "", ".", "a/b", "Demo", "a\n"])(
  "%j leads nowhere, whatever lies there",
  async (name) => {
    await mkdir(join(base, "victim"), { recursive: true });
    await writeFile(join(base, "victim/state.json"), JSON.stringify(state("demo")));
    expect(readState(name, dirs)).rejects.toThrow("is no name for a sandbox");
    expect(writeState({ ...state("demo"), name }, dirs)).rejects.toThrow("is no name for a sandbox");
  },
);

describe("what is not ours alone is not obeyed", () => {
  const isRoot = process.geteuid?.() === 0;
  const path = (name: string) => join(dirs.runDir, name, "state.json");

  test.if(isRoot)("a state of somebody else", async () => {
    await writeState(state("theirs"), dirs);
    await chown(path("theirs"), 1234, 1234);
    expect(readState("theirs", dirs)).rejects.toThrow("it belongs to user 1234");
  });

  test.if(isRoot)("a folder of somebody else is not even known", async () => {
    await writeState(state("folder"), dirs);
    await chown(join(dirs.runDir, "folder"), 1234, 1234);
    expect(readState("folder", dirs)).rejects.toThrow("it belongs to user 1234");
    expect(await knownNames(dirs)).not.toContain("folder");
  });

  test("a state that others may write", async () => {
    await writeState(state("open"), dirs);
    await chmod(path("open"), 0o666);
    expect(readState("open", dirs)).rejects.toThrow("others may write to it");
  });

  test("a link to a state, and a link to a folder", async () => {
    await writeState(state("real"), dirs);
    await mkdir(join(dirs.runDir, "link"), { mode: 0o700 });
    await symlink(path("real"), path("link"));
    await symlink(join(dirs.runDir, "real"), join(dirs.runDir, "folder-link"));
    expect(readState("link", dirs)).rejects.toThrow("it is no file");
    expect(readState("folder-link", dirs)).rejects.toThrow("it is no directory");
  });

  const changes: [string, (one: SandboxState) => object][] = [
    ["another name", (one) => ({ ...one, name: "elsewhere" })],
    ["a disk elsewhere", (one) => ({ ...one, machines: [{ ...one.machines[0], diskDir: "/home" }] })],
    ["a group of others", (one) => ({ ...one, machines: [{ ...one.machines[0], group: "system.slice" }] })],
    ["a machine of no name", (one) => ({ ...one, machines: [{ ...one.machines[0], name: "../one" }] })],
    ["the first process", (one) => ({ ...one, anchor: { pid: 1, startTime: 0 } })],
    ["a link of the host", (one) => ({ ...one, uplink: { ...one.uplink, link: "eth0" } })],
    ["words for numbers", (one) => ({ ...one, uplink: { ...one.uplink, forwarding: "0\n1" } })],
    ["another version", (one) => ({ ...one, version: 2 })],
  ];
  test.each(changes)("a state with %s", async (_, change) => {
    await writeState(state("bent"), dirs);
    await writeFile(path("bent"), JSON.stringify(change(state("bent"))));
    expect(readState("bent", dirs)).rejects.toThrow("is no state of sandbox bent");
    expect((await lookAtState("bent", dirs)).kind).toBe("unusable");
  });

  test("half a state", async () => {
    await writeState(state("half"), dirs);
    await writeFile(path("half"), "{");
    expect(readState("half", dirs)).rejects.toThrow("is no state of sandbox half");
  });
});

test("a state of another sandbox that cannot be used takes no network from a new one, and does not stop it", async () => {
  await writeState(state("good"), dirs);
  await mkdir(join(dirs.runDir, "spoilt"), { recursive: true, mode: 0o700 });
  await writeFile(join(dirs.runDir, "spoilt/state.json"), "{", { mode: 0o600 });
  const looks = await Promise.all(["good", "spoilt", "none"].map((name) => lookAtState(name, dirs)));
  expect(looks.map(({ kind }) => kind)).toEqual(["state", "unusable", "none"]);
  expect(takenPrefixes(looks)).toEqual(["10.200.0"]);
});

test("a state that cannot be used hides no other sandbox from the list, and is named", async () => {
  const listed = { ...dirs, runDir: join(base, "listed") };
  await mkdir(join(listed.runDir, "spoilt"), { recursive: true, mode: 0o700 });
  await writeFile(join(listed.runDir, "spoilt/state.json"), "{", { mode: 0o600 });
  await writeState(state("good"), listed);
  const { reports, unusable } = await listSandboxes(listed);
  expect(reports.map(({ name }) => name)).toEqual(["good"]);
  expect(unusable.map(({ message }) => message)).toEqual([
    expect.stringMatching(/spoilt.state\.json says is no state of sandbox spoilt$/),
  ]);
});
