import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packTar } from "modern-tar";
import { assertSameFacts, lastingFactsOf } from "../../components/controller-join/cluster-facts.ts";
import { assertDatabaseThere } from "../../components/kine/database-file.ts";
import { parseClusterConfig } from "../../config/load.ts";
import { configDefaultsFor } from "../../config/cluster-config.ts";
import { nodePaths } from "../../product/paths.ts";
import { silentLogger } from "../../std/logfmt.ts";
import { writeBackup } from "../backup/backup.ts";
import { backupNote } from "../backup/note.ts";
import { type Restored, restoreBackup } from "./restore.ts";

let dir: string;
const signal = new AbortController().signal;
const pathsOf = (name: string) => nodePaths({ dataDir: join(dir, name), runDir: join(dir, "run") });

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "backup-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const config = `apiVersion: k0s.k0sproject.io/v1beta1
kind: ClusterConfig
spec: {storage: {type: kine}}
`;

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text, { mode });
}

/** As kine makes it. */
const kineTable = `CREATE TABLE kine (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, created INTEGER, deleted INTEGER,
  create_revision INTEGER, prev_revision INTEGER, lease INTEGER, value BLOB, old_value BLOB)`;

/** A node with SQLite whose database is written to meanwhile. */
async function backup(): Promise<string> {
  const paths = pathsOf("from");
  write(join(paths.pkiDir, "ca.crt"), "certificate");
  write(join(paths.pkiDir, "ca.key"), "key", 0o640);
  write(join(paths.pkiDir, "sa.key"), "tokens");
  // A link to a file elsewhere stands for that file.
  write(join(dir, "disk/sa.pub"), "public");
  symlinkSync(join(dir, "disk/sa.pub"), join(paths.pkiDir, "sa.pub"));
  write(join(paths.pkiDir, "encryption-ring.json"), "ring", 0o600);
  write(join(paths.manifestsDir, "own/a.yaml"), "manifest");
  linkSync(join(paths.manifestsDir, "own/a.yaml"), join(paths.manifestsDir, "own/b.yaml"));
  symlinkSync("/", join(paths.manifestsDir, "root"));
  write(join(paths.dataDir, "bin/kubelet"), "program");
  write(join(paths.deployedDir, "own.json"), "record");
  write(join(dir, "k0s.yaml"), config);
  mkdirSync(join(paths.dataDir, "db"));
  const database = new Database(join(paths.dataDir, "db/state.db"));
  database.run("PRAGMA journal_mode=WAL");
  database.run(kineTable);
  database.run("BEGIN");
  for (let row = 0; row < 500; row += 1)
    database.run("INSERT INTO kine (name, deleted) VALUES (?, 0)", [`row ${row}`]);
  database.run("COMMIT");
  const pieces: Uint8Array[] = [];
  const skipped: string[] = [];
  mkdirSync(join(paths.dataDir, ".k0s-tmp-backup-4194999-left"));
  await writeBackup({
    paths,
    config: configDefaultsFor({ single: true, dataDir: paths.dataDir, publicAddress: "10.0.0.1" }),
    configFile: join(dir, "k0s.yaml"),
    note: backupNote({
      createdAt: "",
      version: "v1.37.0+k0s.0",
      node: "n",
      dataDir: paths.dataDir,
      args: [],
    }),
    write: async (piece) => void pieces.push(await Promise.resolve(piece)),
    log: { ...silentLogger(), warn: (_, fields) => void skipped.push(String(fields?.["path"])) },
    signal,
  });
  database.close();
  expect(skipped).toEqual([join(paths.manifestsDir, "root")]);
  expect(readdirSync(paths.dataDir).filter((name) => name.startsWith("."))).toEqual([]);
  const archive = join(dir, "k0s_backup_x.tar.gz");
  writeFileSync(archive, Buffer.concat(pieces));
  return archive;
}

function restore(
  archive: string,
  configuration: (text: string) => Promise<void> = () => Promise.resolve(),
): Promise<Restored> {
  return restoreBackup({
    archive,
    shown: "the archive",
    paths: pathsOf("to"),
    name: "n",
    publicAddress: "10.0.0.1",
    etcdProgram: () => Promise.reject(new Error("there is no etcd in this test")),
    configuration,
    log: silentLogger(),
    signal,
  });
}

async function refusal(archive: string): Promise<string> {
  const [outcome] = await Promise.allSettled([restore(archive)]);
  return outcome.status === "rejected" ? String(outcome.reason) : "restored";
}

const at = (name: string): string => join(dir, "to", name);

describe("a backup with SQLite", () => {
  test("is restored with all in it", async () => {
    let text = "";
    const restored = await restore(
      await backup(),
      async (given) => void (text = await Promise.resolve(given)),
    );
    expect(restored).toMatchObject({ note: { node: "n" }, datastore: { kind: "sqlite" }, unknown: [] });
    expect(text).toBe(config);
    expect(readFileSync(at("pki/ca.key"), "utf8")).toBe("key");
    expect(statSync(at("pki/ca.key")).mode & 0o777).toBe(0o640);
    expect(readFileSync(at("pki/sa.pub"), "utf8")).toBe("public");
    expect(readFileSync(at("pki/encryption-ring.json"), "utf8")).toBe("ring");
    expect(readFileSync(at("manifests/own/a.yaml"), "utf8")).toBe("manifest");
    expect(readFileSync(at("manifests/own/b.yaml"), "utf8")).toBe("manifest");
    expect(readFileSync(at("deployed/own.json"), "utf8")).toBe("record");
    const database = new Database(at("db/state.db"), { readonly: true });
    const rows = "SELECT count(*) AS rows, max(id) AS last FROM kine WHERE deleted = 0";
    expect(database.query(rows).get()).toEqual({ rows: 500, last: 500 });
    expect(database.query("SELECT max(id) AS revision FROM kine").get()).toEqual({ revision: 1_000_000_500 });
    database.close();
    expect(statSync(at("db/state.db")).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(dir, "to")).toSorted()).toEqual([
      "cluster-facts.json",
      "db",
      "deployed",
      "installation.json",
      "join-state.json",
      "manifests",
      "pki",
    ]);
  });

  test("is restored again after a restore that was cut off before the datastore", async () => {
    const archive = await backup();
    const cut = restore(archive, () => Promise.reject(new Error("power cut")));
    expect((await Promise.allSettled([cut]))[0]).toMatchObject({ status: "rejected" });
    expect(existsSync(at("pki/ca.key"))).toBe(true);
    expect(existsSync(at("db/state.db"))).toBe(false);
    await restore(archive);
    expect(existsSync(at("db/state.db"))).toBe(true);
    expect(existsSync(at(".k0s-tmp-restore"))).toBe(false);
  });

  test("makes a member of a host that began to join before: its token would throw the data away", async () => {
    write(at("join-state.json"), `{"phase":"joining"}`);
    await restore(await backup());
    expect(JSON.parse(readFileSync(at("join-state.json"), "utf8"))).toEqual({ phase: "member" });
  });

  test("does not take the place of a cluster", async () => {
    const archive = await backup();
    write(at("db/state.db"), "objects");
    expect(await refusal(archive)).toContain("objects of a cluster");
    rmSync(at("db"), { recursive: true });
    // SQLite would write what is in it into the restored database.
    write(at("db/state.db-wal"), "of a database that is gone");
    expect(await refusal(archive)).toContain("state.db-wal");
    rmSync(at("db"), { recursive: true });
    write(at("pki/ca.crt"), "of another");
    expect(await refusal(archive)).toContain("another cluster");
  });

  test("that is damaged anywhere is refused, and nothing is written", async () => {
    const whole = readFileSync(await backup());
    const bad = join(dir, "bad.tar.gz");
    for (const part of [0, 0.3, 0.7, 0.999]) {
      writeFileSync(bad, whole.subarray(0, Math.floor(whole.length * part)));
      const [outcome] = await Promise.allSettled([restore(bad)]);
      expect(outcome).toMatchObject({ reason: { code: "backup-damaged" } });
    }
    const flipped = Buffer.from(whole);
    flipped.writeUInt8((flipped[Math.floor(whole.length / 2)] ?? 0) ^ 0xff, Math.floor(whole.length / 2));
    writeFileSync(bad, flipped);
    expect((await Promise.allSettled([restore(bad)]))[0]).toMatchObject({ status: "rejected" });
    expect(existsSync(join(dir, "to"))).toBe(false);
  });
});

describe("an archive that does harm is refused, and nothing is written", () => {
  type Entry = Parameters<typeof packTar>[0][number];
  const file = (name: string, body: string): Entry => ({ header: { name, size: body.length }, body });
  const good = [
    file("k0s.yaml", config),
    file("pki/ca.crt", "c"),
    file("pki/ca.key", "k"),
    file("pki/sa.key", "s"),
  ];
  const cases: readonly (readonly [string, readonly Entry[], string])[] = [
    ["a path above", [file("../x", "x")], "leads out"],
    ["an absolute path", [file("/etc/x", "x")], "leads out"],
    ["a hidden way up", [file("pki/../../x", "x")], "leads out"],
    [
      "a symbolic link",
      [{ header: { name: "pki/x", size: 0, type: "symlink", linkname: "/etc" } }],
      "symlink",
    ],
    ["a hard link", [{ header: { name: "pki/x", size: 0, type: "link", linkname: "k0s.yaml" } }], "link"],
    ["a device", [{ header: { name: "pki/x", size: 0, type: "fifo" } }], "fifo"],
    ["one name twice", [file("pki/ca.crt", "d")], "two files"],
    ["many folders", [file(`pki/${"x/".repeat(40)}y`, "")], "too large"],
    ["no database", [], "kine-state-backup.db"],
    [
      "both databases",
      ["etcd-snapshot.db", "kine-state-backup.db", "pki/etcd/ca.crt", "pki/etcd/ca.key"].map((name) =>
        file(name, ""),
      ),
      "alone",
    ],
    ["an etcd without its authority", [file("etcd-snapshot.db", "")], "pki/etcd/ca.key missing"],
  ];
  test.each(cases)("%s", async (_, entries, says) => {
    const archive = join(dir, "bad.tar.gz");
    writeFileSync(archive, Bun.gzipSync(Uint8Array.from(await packTar([...good, ...entries]))));
    expect(await refusal(archive)).toContain(says);
    expect(existsSync(join(dir, "to"))).toBe(false);
    expect(existsSync("/etc/x")).toBe(false);
  });

  async function ofUpstream(): Promise<string> {
    new Database(join(dir, "empty.db")).run(kineTable);
    const database = readFileSync(join(dir, "empty.db"));
    const archive = join(dir, "upstream.tar.gz");
    const copy: Entry = { header: { name: "kine-state-backup.db", size: database.length }, body: database };
    const entries = [
      copy,
      { header: { name: "pki/", size: 0, type: "directory" as const } },
      ...good,
      file("bin/sh", "x"),
    ];
    writeFileSync(archive, Bun.gzipSync(Uint8Array.from(await packTar(entries))));
    return archive;
  }

  test("but not one of upstream's, which has no note; what no backup has is left out", async () => {
    expect(await restore(await ofUpstream())).toMatchObject({ note: undefined, unknown: ["bin/sh"] });
    expect(existsSync(at("db/state.db"))).toBe(true);
    expect(existsSync(at("bin"))).toBe(false);
  });

  test("a start after a restore of upstream's that was cut off makes no empty cluster, and it can be restored again", async () => {
    const archive = await ofUpstream();
    const cut = restore(archive, () => Promise.reject(new Error("power cut")));
    expect((await Promise.allSettled([cut]))[0]).toMatchObject({ status: "rejected" });
    const { dataDir } = pathsOf("to");
    const node = { single: true, dataDir, publicAddress: "10.0.0.1" };
    const start = assertDatabaseThere(dataDir, parseClusterConfig(config, node).config);
    expect((await Promise.allSettled([start]))[0]).toMatchObject({
      reason: { message: `the database of this cluster is gone: there is no ${at("db/state.db")}` },
    });
    await restore(archive);
    await assertDatabaseThere(dataDir, parseClusterConfig(config, node).config);
    await assertSameFacts(dataDir, lastingFactsOf(parseClusterConfig(config, node).config));
  });

  test("of something else", async () => {
    const archive = join(dir, "bad.tar.gz");
    writeFileSync(archive, Bun.gzipSync(Uint8Array.from(await packTar([file("README", "x")]))));
    expect(await refusal(archive)).toContain("not a backup of a controller");
  });
});
