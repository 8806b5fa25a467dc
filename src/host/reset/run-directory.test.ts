import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NodePaths, nodePaths } from "../../product/paths.ts";
import { readInstallationRecord } from "../../config/installation-record.ts";
import { writeRunDirNote } from "../../config/run-dir-note.ts";
import { answering } from "../../os/answering.ts";
import { silentLogger } from "../../std/logfmt.ts";
import { beginInstallation, noteDatabase, noteRecord } from "../installation.ts";
import { prepareReset } from "./sequence.ts";
import { type RunDirFacts, runDirOwner } from "./run-directory.ts";

const facts: RunDirFacts = {
  dataDir: "/d",
  proven: true,
  note: undefined,
  containersOf: [],
  recorded: [],
  entries: ["containerd", "k0s.yaml.lock"],
};

describe("whose it is", () => {
  test.each<[string, Partial<RunDirFacts>, string]>([
    ["the note is ours", { note: "/d" }, "ours"],
    ["the note is another's that is there", { note: "/e", recorded: ["/e"] }, "another's"],
    ["the note is another's with containers", { note: "/e", containersOf: ["/e"] }, "another's"],
    ["the note is of one that is gone", { note: "/e" }, "ours"],
    ["the note is of one that is gone, containers of ours", { note: "/e", containersOf: ["/d"] }, "ours"],
    ["no note, containers of ours", { containersOf: ["/d"] }, "ours"],
    ["no note, containers of another", { containersOf: ["/e"] }, "another's"],
    ["no note, containers of both", { containersOf: ["/d", "/e"] }, "another's"],
    [
      "our note, containers of another that is there",
      { note: "/d", containersOf: ["/e"], recorded: ["/e"] },
      "another's",
    ],
    ["our note, and containers of before we were moved", { note: "/d", containersOf: ["/e"] }, "ours"],
    ["an older k0s without containers", {}, "ours"],
    ["nothing proven, our note", { proven: false, note: "/d" }, "left behind"],
    ["nothing proven, containers of ours", { proven: false, containersOf: ["/d"] }, "left behind"],
    ["nothing proven, another's note", { proven: false, note: "/e", entries: ["data-dir"] }, "another's"],
    ["nothing proven, nothing said", { proven: false }, "nobody's"],
    ["the end of a reset that was interrupted", { proven: false, entries: ["k0s.yaml.lock"] }, "ours"],
    ["nothing there", { proven: false, entries: [] }, "ours"],
  ])("%s: %j", (_, some, expected) => {
    expect(runDirOwner({ ...facts, ...some }).kind).toBe(expected as "ours");
  });
});

test("a directory whose server is away is another's, and holds nobody up", async () => {
  const never = (path: string): Promise<unknown> =>
    path.startsWith("/e") ? new Promise(() => undefined) : Promise.resolve();
  const known = await answering(["/e", "/d"], { patienceMs: 5, look: never });
  expect(known).toEqual([false, true]);
});

test.each([
  [
    "of this installation, beside containers of another",
    { note: "/d", containersOf: ["/e"], recorded: ["/e"] },
    true,
  ],
  ["of another", { note: "/e", recorded: ["/e"] }, false],
])("the note goes with its installation: %s", (_, some, noteIsOurs) => {
  expect(runDirOwner({ ...facts, ...some })).toEqual({ kind: "another's", dataDirs: ["/e"], noteIsOurs });
});

let dir = "";

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "k0s-run-")));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const pathsOf = (name: string): NodePaths =>
  nodePaths({ dataDir: join(dir, name), runDir: join(dir, "run") });

/** An installation that was stopped while a pod goes on. */
async function stopped(name: string, { note = true } = {}): Promise<NodePaths> {
  const paths = pathsOf(name);
  await beginInstallation(paths, silentLogger());
  const task = "io.containerd.runtime.v2.task/k8s.io/0123abcd";
  const bundle = join(paths.containerdStateDir, task);
  mkdirSync(bundle, { recursive: true });
  mkdirSync(join(paths.containerdRootDir, task), { recursive: true });
  symlinkSync(join(paths.containerdRootDir, task), join(bundle, "work"));
  writeFileSync(paths.runtimeConfigLock, "");
  if (note) await writeRunDirNote(paths);
  return paths;
}

async function reset(paths: NodePaths) {
  const signal = new AbortController().signal;
  const before = tree();
  try {
    await using prepared = await prepareReset({ paths, named: [], dryRun: false, signal });
    return prepared;
  } finally {
    expect(tree()).toEqual(before);
  }
}

const tree = (): Set<unknown> => new Set(readdirSync(dir, { recursive: true, encoding: "utf8" }));

describe("a reset without a proof in its data directory", () => {
  test.each([true, false])("a name with a typo: the installation is named, note %p", async (note) => {
    await stopped("k0s", { note });
    const refused = await reset(pathsOf("k0s-typo")).catch((err: unknown) => err);
    expect(refused).toMatchObject({
      code: "nothing-known",
      message: `nothing of k0s is known at ${dir}/k0s-typo`,
      hint: expect.stringContaining(`k0s reset --data-dir ${dir}/k0s`),
    });
  });

  test.each([true, false])("the data directory is away: nothing is taken, note %p", async (note) => {
    const paths = await stopped("k0s", { note });
    rmSync(paths.dataDir, { recursive: true });
    const refused = await reset(paths).catch((err: unknown) => err);
    expect(refused).toMatchObject({
      code: "data-directory-away",
      hint: expect.stringContaining("Mount the disk"),
    });
    // The place of the disk, without it.
    mkdirSync(join(paths.dataDir, "lost+found"), { recursive: true });
    expect(await reset(paths).catch((err: unknown) => err)).toMatchObject({ code: "data-directory-away" });
  });

  test("nothing of k0s anywhere is nothing to do", async () => {
    const { seen, record } = await reset(pathsOf("nothing"));
    expect(record).toBeUndefined();
    expect(seen.own.filter(({ path }) => path.startsWith(dir))).toEqual([]);
    expect({ ...seen, own: [], leftAlone: [] }).toMatchObject({
      managed: [],
      links: [],
      paths: [],
      mounts: [],
    });
  });

  test("programs that a command has unpacked go, and nothing outside", async () => {
    const { binDir } = pathsOf("k0s");
    mkdirSync(binDir, { recursive: true });
    writeFileSync(
      join(binDir, ".part-kubernetes.json"),
      JSON.stringify({ part: "kubernetes", sha256: "x", dir: binDir, files: [] }),
    );
    const { seen } = await reset(pathsOf("k0s"));
    expect(seen.own.filter(({ path }) => path.startsWith(dir))).toMatchObject([{ entries: ["bin"] }]);
    expect(seen).toMatchObject({ links: [], paths: [], routes: [], maybeEmpty: [] });
  });
});

test("what somebody else has put beside programs that a command has unpacked stays, and is named", async () => {
  const { binDir } = pathsOf("k0s");
  mkdirSync(join(binDir, "lib"), { recursive: true });
  const noted = ["kube", "crictl", "lib/loader"].map((path) => {
    writeFileSync(join(binDir, path), "program");
    const { size, mtimeNs } = statSync(join(binDir, path), { bigint: true });
    return { path, size: Number(size), mtimeNs: mtimeNs.toString() };
  });
  writeFileSync(
    join(binDir, ".part-kubernetes.json"),
    JSON.stringify({ part: "kubernetes", sha256: "x", dir: binDir, files: noted }),
  );
  const elsewhere = { part: "etcd", sha256: "x", dir: "/somewhere/else", files: [] };
  writeFileSync(join(binDir, ".part-etcd.json"), JSON.stringify(elsewhere));
  symlinkSync("kube", join(binDir, "kubectl"));
  symlinkSync("/usr/bin/true", join(binDir, "linked"));
  mkdirSync(join(binDir, ".k0s-tmp-kubernetes-1"));
  // Replaced since, and brought along.
  writeFileSync(join(binDir, "crictl"), "another one");
  writeFileSync(join(binDir, "backup.sh"), "mine");
  const { seen } = await reset(pathsOf("k0s"));
  const goes = seen.own.filter(({ path }) => path.startsWith(dir));
  expect(goes).toMatchObject([
    { path: binDir, entries: [".k0s-tmp-kubernetes-1", "kube", "kubectl", "lib", ".part-kubernetes.json"] },
  ]);
  expect(seen.leftAlone.filter((path) => path.startsWith(dir))).toEqual(
    [".part-etcd.json", "backup.sh", "crictl", "linked"].map((name) => join(binDir, name)),
  );
});

describe("a reset with its record", () => {
  test("its own run directory goes: all but the lock before the record, the lock after it", async () => {
    const { seen, record } = await reset(await stopped("k0s"));
    expect(record?.ranPods).toBe(true);
    expect(seen.own.filter(({ path }) => path.startsWith(dir))).toMatchObject([
      { path: join(dir, "run"), entries: ["containerd", "data-dir"], keepItself: true },
      { path: join(dir, "k0s"), proof: "installation.json" },
      { path: join(dir, "run"), entries: ["k0s.yaml.lock"], keepItself: false },
    ]);
  });

  test("that pods have run is known after their directories are gone: to links, rules and files outside, too", async () => {
    const paths = await stopped("k0s");
    const record = await readInstallationRecord(paths.dataDir);
    expect(record?.ranPods).toBeUndefined();
    await noteRecord(record === undefined ? record : { ...record, ranPods: true });
    rmSync(paths.containerdRootDir, { recursive: true });
    const repeated = await reset(paths);
    expect(repeated.record?.ranPods).toBe(true);
    expect(repeated.seen.leftAlone.filter((text) => text.includes("no pod of k0s has run here"))).toEqual([]);
  });

  test("the note of an installation that is gone takes nothing from the one whose containers are here", async () => {
    const paths = await stopped("k0s");
    await writeRunDirNote(pathsOf("tried"));
    const { runDirOwner: owner, seen } = await reset(paths);
    expect(owner).toEqual({ kind: "ours" });
    expect(seen.own.map(({ path }) => path)).toContain(join(dir, "run"));
  });

  test("a database elsewhere is named with what removes it", async () => {
    const paths = await stopped("k0s");
    await noteDatabase(paths, join(dir, "db2/state.db"));
    await noteDatabase(paths, join(dir, "gone/state.db"));
    mkdirSync(join(dir, "db2"));
    for (const name of ["state.db", "state.db-wal"]) writeFileSync(join(dir, "db2", name), "x");
    const { seen } = await reset(paths);
    const file = join(dir, "db2/state.db");
    expect(seen.stays).toEqual([`the database ${file} (to remove it: rm ${file} ${file}-wal)`]);
  });

  test("a directory elsewhere with a record of a newer k0s is not ours, and stops nothing", async () => {
    const paths = await stopped("k0s");
    await beginInstallation(pathsOf("newer"), silentLogger());
    await writeRunDirNote(pathsOf("newer"));
    writeFileSync(join(dir, "newer/installation.json"), '{"kind":"k0s installation","formatVersion":2}');
    expect((await reset(paths)).runDirOwner).toMatchObject({ kind: "another's", dataDirs: [`${dir}/newer`] });
  });

  test("the note of an installation goes with it where containers of another are", async () => {
    await stopped("k0s");
    await beginInstallation(pathsOf("second"), silentLogger());
    await writeRunDirNote(pathsOf("second"));
    const { seen } = await reset(pathsOf("second"));
    expect(seen.own.filter(({ path }) => path.startsWith(dir))).toMatchObject([
      { path: join(dir, "run"), entries: ["data-dir"], keepItself: true },
      { path: join(dir, "second") },
    ]);
  });

  test("another installation's run directory, with its containers, stays and is named", async () => {
    await stopped("k0s");
    await beginInstallation(pathsOf("second"), silentLogger());
    const { seen } = await reset(pathsOf("second"));
    expect(seen.own.filter(({ path }) => path.startsWith(dir)).map(({ path }) => path)).toEqual([
      join(dir, "second"),
    ]);
    expect(seen).toMatchObject({ links: [], netns: [], cgroups: [] });
    expect(seen.leftAlone).toContain(`${dir}/run (of the installation at ${dir}/k0s)`);
  });
});
