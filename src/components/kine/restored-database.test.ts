import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { skipRevisions } from "./restored-database.ts";

const ahead = 1_000_000_000;

/** As kine makes it, with its unique index; `rows` are id, name, deleted, prev_revision. */
function kine(...rows: readonly (readonly [number, string, number, number])[]): Database {
  const database = new Database(":memory:");
  database.run(`CREATE TABLE kine (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, created INTEGER, deleted INTEGER,
    create_revision INTEGER, prev_revision INTEGER, lease INTEGER, value BLOB, old_value BLOB)`);
  database.run("CREATE UNIQUE INDEX kine_name_prev_revision_uindex ON kine (name, prev_revision)");
  for (const row of rows)
    database.run("INSERT INTO kine (id, name, deleted, prev_revision) VALUES (?, ?, ?, ?)", [...row]);
  return database;
}

const left = (database: Database): readonly unknown[] =>
  database
    .query<{ id: number; name: string; prev_revision: number }, []>("SELECT * FROM kine ORDER BY id")
    .all()
    .map(({ id, name, prev_revision }) => [id, name, prev_revision]);

test("current rows keep their revisions, all before the gap is compacted", () => {
  const database = kine(
    [1, "compact_rev_key", 0, 2],
    [3, "/a", 0, 0],
    [4, "/b", 0, 0],
    [5, "/a", 0, 3],
    [6, "/b", 1, 4],
    // Made again after it was deleted.
    [7, "/c", 0, 0],
    [8, "/c", 1, 7],
    [9, "/c", 0, 8],
  );
  skipRevisions(database, ahead);
  const gap = ahead + 9;
  expect(left(database)).toEqual([
    [1, "compact_rev_key", gap],
    [5, "/a", 3],
    [9, "/c", 8],
    [gap, `gap-${gap}`, 0],
  ]);
  database.run("INSERT INTO kine (name) VALUES ('/d')");
  expect(left(database).at(-1)).toEqual([gap + 1, "/d", null]);
});

test("it can be restored again, and so can one that never was compacted", () => {
  const database = kine([1, "/a", 0, 0]);
  skipRevisions(database, ahead);
  skipRevisions(database, ahead);
  const gap = 2 * ahead + 1;
  expect(left(database)).toEqual([
    [1, "/a", 0],
    [gap, `gap-${gap}`, 0],
  ]);
});

test("of two records of compaction, which kine once made, the later one counts", () => {
  const database = kine([1, "compact_rev_key", 0, 0], [2, "compact_rev_key", 0, 1], [3, "/a", 0, 0]);
  skipRevisions(database, ahead);
  expect(left(database).slice(0, 2)).toEqual([
    [1, "compact_rev_key", 0],
    [2, "compact_rev_key", ahead + 3],
  ]);
});
