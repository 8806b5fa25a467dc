import { expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertDatabase, databaseElsewhere, handOver, prepareDatabaseFile } from "./database-file.ts";

test("nobody but kine reads its database, nor what SQLite keeps beside it", async () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-database-"));
  try {
    const kine = { uid: 64_123, gid: 0 };
    const mode = (name: string): number => statSync(join(dir, name)).mode & 0o777;
    const file = join(dir, "state.db");
    await prepareDatabaseFile(file, "/var/lib/k0s", kine);
    expect([mode("state.db"), statSync(file).size, statSync(file).uid]).toEqual([0o600, 0, kine.uid]);
    const database = new Database(file);
    database.run("PRAGMA journal_mode = WAL");
    database.run("CREATE TABLE kine (name TEXT)");
    expect([mode("state.db"), mode("state.db-wal"), mode("state.db-shm")]).toEqual([0o600, 0o600, 0o600]);
    database.close();

    // Of an older k0s; its group was given by an operator.
    chmodSync(file, 0o644);
    await prepareDatabaseFile(file, "/var/lib/k0s", kine);
    expect(mode("state.db")).toBe(0o640);
    expect(statSync(file).size).toBeGreaterThan(0);

    // As a restore leaves it, before kine's user need exist; elsewhere it is not k0s' to give away.
    chownSync(file, 0, 0);
    await prepareDatabaseFile(file, "/var/lib/k0s", kine);
    expect(statSync(file).uid).toBe(0);
    await prepareDatabaseFile(file, dir, kine);
    expect(statSync(file).uid).toBe(kine.uid);

    writeFileSync(join(dir, "theirs.db"), "");
    chmodSync(join(dir, "theirs.db"), 0o644);
    chownSync(join(dir, "theirs.db"), 64_124, 0);
    await prepareDatabaseFile(join(dir, "theirs.db"), "/var/lib/k0s", kine);
    expect(mode("theirs.db")).toBe(0o644);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("root's files behind links and second names stay root's", async () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-database-"));
  try {
    const kine = { uid: 64_123, gid: 0 };
    const roots = ["linked", "named"].map((name) => join(dir, name));
    for (const path of roots) writeFileSync(path, "", { mode: 0o644 });
    symlinkSync(join(dir, "linked"), join(dir, "state.db-wal"));
    linkSync(join(dir, "named"), join(dir, "state.db-shm"));
    writeFileSync(join(dir, "state.db"), "", { mode: 0o600 });
    await handOver(join(dir, "state.db"), dir, kine);
    expect(statSync(join(dir, "state.db")).uid).toBe(kine.uid);
    expect(roots.map((path) => statSync(path).uid)).toEqual([0, 0]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test.each([
  ["/srv/db/state.db", "/srv/db/state.db"],
  ["/var/lib/k0s/db/state.db", undefined],
  ["/var/lib/k0s-db2/state.db", "/var/lib/k0s-db2/state.db"],
  [undefined, undefined],
])("%s lies elsewhere: %s", (file, expected) => {
  expect(databaseElsewhere(file, "/var/lib/k0s")).toBe(expected);
});

test("a database that is gone, empty or overwritten is not one", async () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-database-"));
  try {
    const file = join(dir, "state.db");
    const said = () => assertDatabase(file).catch(String);
    expect(await said()).toContain("is gone, and would begin anew");
    writeFileSync(file, "");
    expect(await said()).toContain("is gone, and would begin anew");
    const database = new Database(file);
    database.run("PRAGMA journal_mode = WAL");
    expect(await said()).toBeUndefined();
    database.close();
    writeFileSync(file, Buffer.alloc(100_000, 0x9f));
    expect(await said()).toBe(`Error: ${file}: file is not a database`);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
